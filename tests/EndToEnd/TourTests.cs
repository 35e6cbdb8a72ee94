using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>The README's tour, line by line, on local mode and on five services behind a gateway.</summary>
public sealed class TourTests
{
    [Fact]
    public async Task On_local_mode()
    {
        var data = TemporaryFolder.Create() + "/data";
        await using var platform = PlatformProcess.StartStandalone(data);
        await platform.ReadyAsync();
        await Tour.RunAsync(platform.Url, (await File.ReadAllTextAsync(data + "/api-key")).Trim());
    }

    [Fact]
    public async Task On_local_mode_with_Kafka()
    {
        using var kafka = new MockKafka();
        var data = TemporaryFolder.Create() + "/data";
        await using var platform = PlatformProcess.StartStandalone(data, null, ("ConnectionStrings__kafka", kafka.ConnectionString));
        await platform.ReadyAsync();
        await Tour.RunAsync(platform.Url, (await File.ReadAllTextAsync(data + "/api-key")).Trim());
    }

    [Fact]
    public Task On_five_services_with_one_database_behind_the_gateways_routes() => OnFiveServicesAsync();

    [Fact]
    public async Task On_five_services_with_Kafka()
    {
        using var kafka = new MockKafka();
        await OnFiveServicesAsync(("ConnectionStrings__kafka", kafka.ConnectionString));
    }

    private static async Task OnFiveServicesAsync(params (string, string)[] environment)
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var data = TemporaryFolder.Create() + "/data";
        var services = new Dictionary<string, PlatformProcess>(StringComparer.Ordinal);
        try
        {
            // Receivers and targets of the tour are on this machine.
            foreach (var (name, project) in new[] { ("auth", "Auth"), ("core-api", "CoreApi"), ("processing", "Processing"), ("notifications", "Notifications"), ("analytics", "Analytics") })
            {
                services[name] = PlatformProcess.StartService(
                    project, database.ConnectionString, [("PLATFORM_DATA", data), ("PLATFORM_OUTBOUND_ALLOW", "127.0.0.0/8,::1/128"), .. environment]);
            }

            await Task.WhenAll(services.Values.Select(s => s.ReadyAsync()));
            await using var gateway = await Gateway.StartAsync(services.ToDictionary(s => s.Key, s => s.Value.Url));
            await Tour.RunAsync(gateway.Url, (await File.ReadAllTextAsync(data + "/api-key")).Trim());
        }
        finally
        {
            foreach (var service in services.Values)
            {
                Assert.Equal(0, await service.TerminateAsync());
            }
        }
    }
}
