using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Benchmarks.Main;

/// <summary>
/// The main job, measured against what the same machine does without the platform: writes against pgbench, reads against a bare
/// endpoint, in turns within one run; commit to webhook; start and memory. Prints one table.
/// </summary>
internal static class MainBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync()
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();

        try
        {
            await StartupAsync(data, table);
            await MeasureAsync(data, table);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static (ChildProcess Process, int Port) StartPlatform(string data, string? database = null)
    {
        var port = ChildProcess.FreePort();
        var assembly = Path.Combine(AppContext.BaseDirectory, "Platform.Standalone.dll");
        return (ChildProcess.Start(assembly, [], RunningPlatform.Unlimited, ("PLATFORM_DATA", data), ("PLATFORM_PORT", port.ToString()), ("PLATFORM_GRPC_PORT", "0"), ("ConnectionStrings__platform", database ?? "")), port);
    }

    private static async Task StartupAsync(string data, ResultTable table)
    {
        var (first, firstPort) = StartPlatform(data);
        await using (first)
        {
            table.Add("first start (initdb, migrations)", $"{(await first.AnswersAsync(firstPort, "/health/ready")).TotalSeconds:0.00} s");
        }

        var (second, secondPort) = StartPlatform(data);
        await using (second)
        {
            table.Add("second start until ready", $"{(await second.AnswersAsync(secondPort, "/health/ready")).TotalSeconds:0.00} s", "< 3 s");
            await Task.Delay(TimeSpan.FromSeconds(5));
            table.Add("resident, idle (platform without PostgreSQL)", $"{second.ResidentMiB:0} MiB", "< 300 MB");
        }
    }

    /// <summary>
    /// The server is started here, so that the platform and its floor can both reach it. The paths of one service are measured on that
    /// service alone; then all five work on the same two cores.
    /// </summary>
    private static async Task MeasureAsync(string data, ResultTable table)
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
        var key = (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim();
        var pgbench = await PgBench.FindAsync(postgres.ConnectionString);
        var port = ChildProcess.FreePort();
        await using (var core = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.CoreApi.dll"), [],
            RunningPlatform.Unlimited, ("ConnectionStrings__platform", postgres.ConnectionString), ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")))
        {
            await core.AnswersAsync(port, "/health/ready");
            await ClosedLoop.RunAsync(port, Rounds.Clients, WarmUp, (c, n) => Requests.Create(key, $"warm-{c}-{n}"), 201);
            await WritePath.MeasureAsync("write path (Core API with its relay)", port, key, postgres.ConnectionString, ["core"], pgbench, table);
            await WritePath.ReplayAsync(port, key, table);
            await ReadPath.MeasureAsync(port, key, table);
        }

        var (platform, all) = StartPlatform(data, postgres.ConnectionString);
        await using var _ = platform;
        await platform.AnswersAsync(all, "/health/ready");
        await Backlog.DrainAsync(postgres.ConnectionString, Backlog.Everywhere);
        await WritePath.MeasureAsync("write path, all five services at work on the events", all, key, postgres.ConnectionString, Backlog.Everywhere, pgbench, table);
        await Backlog.DrainAsync(postgres.ConnectionString, Backlog.Everywhere);
        var (p50, p99) = await WebhookLatency.MeasureAsync(all, key, 300);
        table.Add("commit to webhook, p50 / p99", $"{p50:0.0} / {p99:0.0} ms", "p50 <= 20 ms");
        table.Add("resident after the load", $"{platform.ResidentMiB:0} MiB");
    }
}
