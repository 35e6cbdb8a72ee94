using System.Net;
using System.Net.Sockets;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>What a person sees who starts and stops local mode.</summary>
public sealed class StartAndStopTests
{
    [Fact]
    public async Task The_first_start_makes_a_key_and_the_second_carries_on()
    {
        var data = TemporaryFolder.Create() + "/data";
        string key, location;
        await using (var first = PlatformProcess.StartStandalone(data))
        {
            await first.ReadyAsync();
            key = (await File.ReadAllTextAsync(data + "/api-key")).Trim();
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(data + "/api-key") == (UnixFileMode.UserRead | UnixFileMode.UserWrite), "only its owner may read the key");
            Assert.Contains(key, first.Output, StringComparison.Ordinal);
            await Eventually.IsTrueAsync(() => first.Output.Contains($"Platform is ready at http://localhost:{first.Port}", StringComparison.Ordinal), "the welcome");
            using var client = first.Client(key);
            using var created = await client.PostAsync("/v1/resources", new StringContent("""{"type":"order","data":{}}""", null, "application/json"));
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            location = created.Headers.Location!.ToString();
            Assert.Equal(0, await first.TerminateAsync());
        }

        await using var second = PlatformProcess.StartStandalone(data);
        await second.ReadyAsync();
        Assert.Equal(key, (await File.ReadAllTextAsync(data + "/api-key")).Trim());
        Assert.DoesNotContain(key, second.Output, StringComparison.Ordinal);
        using var again = second.Client(key);
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync(location)).StatusCode);
        Assert.Equal(0, await second.TerminateAsync());
    }

    [Fact]
    public async Task A_taken_port_and_a_folder_in_use_end_in_one_line()
    {
        var data = TemporaryFolder.Create() + "/data";
        await using var running = PlatformProcess.StartStandalone(data);
        await running.ReadyAsync();
        await using var samePort = PlatformProcess.StartStandalone(TemporaryFolder.Create() + "/data", running.Port);
        await samePort.ExitsWithAsync(1);
        Assert.Matches($"^platform: [^\n]*[Pp]ort {running.Port}[^\n]*$", samePort.Output.Trim());
        await using var sameGrpcPort = PlatformProcess.StartStandalone(TemporaryFolder.Create() + "/data", null, ("PLATFORM_GRPC_PORT", running.Port.ToString()));
        await sameGrpcPort.ExitsWithAsync(1);
        Assert.Matches($"^platform: [^\n]*[Pp]ort {running.Port}[^\n]*PLATFORM_GRPC_PORT[^\n]*$", sameGrpcPort.Output.Trim());
        await using var sameData = PlatformProcess.StartStandalone(data);
        await sameData.ExitsWithAsync(1);
        Assert.Matches("^platform: [^\n]*in use[^\n]*$", sameData.Output.Trim());
        using var client = running.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
    }

    [Theory]
    [InlineData("CoreApi")]
    [InlineData("Auth")]
    [InlineData("Processing")]
    [InlineData("Notifications")]
    [InlineData("Analytics")]
    public async Task A_service_without_its_database_says_so_in_one_line(string service)
    {
        await using var process = PlatformProcess.StartService(
            service, $"Host=127.0.0.1;Port={PlatformProcess.FreePort()};Username=nobody;Password=x;Database=none;Timeout=2");
        await process.ExitsWithAsync(1);
        Assert.Matches("^[^\n]*cannot be reached[^\n]*$", process.Output.Trim());
    }

    [Fact]
    public async Task A_service_whose_port_is_taken_says_so_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var process = PlatformProcess.StartService(
            "CoreApi", database.ConnectionString, ("ASPNETCORE_URLS", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"));
        await process.ExitsWithAsync(1);
        Assert.Matches("(?m)^[^\n]*address already in use[^\n]*$", process.Output.Trim());
    }

    [Fact]
    public async Task A_service_whose_gRPC_port_is_taken_says_so_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString();
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var process = PlatformProcess.StartService("CoreApi", database.ConnectionString, ("PLATFORM_GRPC_PORT", port));
        await process.ExitsWithAsync(1);
        Assert.Matches($"(?m)^[^\n]*{port}: address already in use[^\n]*$", process.Output.Trim());
    }
}
