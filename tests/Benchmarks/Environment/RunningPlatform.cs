using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Benchmarks.Environment;

/// <summary>One service as a process of its own on a database that the whole platform has prepared, with the first key.</summary>
internal sealed class RunningPlatform(string database, string data, params (string Name, string Value)[] settings) : IAsyncDisposable
{
    /// <summary>What is measured is the path, not the limit.</summary>
    public static readonly (string Name, string Value) Unlimited = ("RateLimit__RequestsPerMinute", "100000000");
    private ChildProcess? _service;

    /// <summary>As its assembly is named.</summary>
    public string Service { get; init; } = "CoreApi";

    public string Database => database;
    public int Port { get; } = ChildProcess.FreePort();
    public int GrpcPort { get; } = ChildProcess.FreePort();
    public string Key { get; private set; } = "";

    /// <summary>The key's.</summary>
    public Guid Tenant { get; private set; }

    public async Task StartAsync()
    {
        Key = await FirstKeyAsync();
        await using (var connection = new NpgsqlConnection(DataSources.Dedicated(database)))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT tenant_id FROM auth.organization", connection);
            Tenant = (Guid)(await command.ExecuteScalarAsync())!;
        }

        _service = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, $"Platform.{Service}.dll"), [],
            [Unlimited, ("ConnectionStrings__platform", database), ("ASPNETCORE_URLS", $"http://127.0.0.1:{Port}"), ("PLATFORM_GRPC_PORT", GrpcPort.ToString()), .. settings]);
        await _service.AnswersAsync(Port, "/health/ready");
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    /// <summary>The whole platform starts once, which makes the first key.</summary>
    private async Task<string> FirstKeyAsync()
    {
        var port = ChildProcess.FreePort();
        await using var platform = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.Standalone.dll"), [],
            ("PLATFORM_DATA", data), ("PLATFORM_PORT", port.ToString()), ("PLATFORM_GRPC_PORT", "0"), ("ConnectionStrings__platform", database));
        await platform.AnswersAsync(port, "/health/ready");
        return (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim();
    }
}
