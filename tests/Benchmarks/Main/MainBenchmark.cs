using System.Text.Json;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;
using Platform.Embedded;

namespace Platform.Benchmarks.Main;

/// <summary>
/// The main job, measured against what the same machine does without the platform: writes against pgbench, reads against a bare
/// endpoint, in turns within one run; commit to webhook; start and memory. Prints one table.
/// </summary>
internal static class MainBenchmark
{
    private const int Clients = 16;
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync()
    {
        var table = new ResultTable();
        var data = Directory.CreateTempSubdirectory("platform-bench-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // As root, PostgreSQL runs under another account, which must get through.
            File.SetUnixFileMode(data, File.GetUnixFileMode(data) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        }

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
        return (ChildProcess.Start(assembly, [], ("PLATFORM_DATA", data), ("PLATFORM_PORT", port.ToString()), ("PLATFORM_GRPC_PORT", "0"), ("ConnectionStrings__platform", database ?? "")), port);
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
            ("ConnectionStrings__platform", postgres.ConnectionString), ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")))
        {
            await core.AnswersAsync(port, "/health/ready");
            await ClosedLoop.RunAsync(port, Clients, WarmUp, (c, n) => Requests.Create(key, $"warm-{c}-{n}"), 201);
            await WritesAsync("write path (Core API with its relay)", port, key, postgres.ConnectionString, ["core"], pgbench, table);
            await ReplayAsync(port, key, table);
            await ReadsAsync(port, key, table);
        }

        var (platform, all) = StartPlatform(data, postgres.ConnectionString);
        await using var _ = platform;
        await platform.AnswersAsync(all, "/health/ready");
        await Backlog.DrainAsync(postgres.ConnectionString, Backlog.Everywhere);
        await WritesAsync("write path, all five services at work on the events", all, key, postgres.ConnectionString, Backlog.Everywhere, pgbench, table);
        await Backlog.DrainAsync(postgres.ConnectionString, Backlog.Everywhere);
        var (p50, p99) = await WebhookLatency.MeasureAsync(all, key, 300);
        table.Add("commit to webhook, p50 / p99", $"{p50:0.0} / {p99:0.0} ms", "p50 <= 20 ms");
        table.Add("resident after the load", $"{platform.ResidentMiB:0} MiB");
    }

    private static async Task WritesAsync(
        string what, int port, string key, string connectionString, string[] schemas, PgBench? pgbench, ResultTable table)
    {
        var ours = new List<LoadResult>();
        var floor = new List<double>();
        var drained = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var prefix = $"{what}-{round}".Replace(' ', '-');
            ours.Add(await ClosedLoop.RunAsync(port, Clients, Round, (c, n) => Requests.Create(key, $"{prefix}-{c}-{n}"), 201));

            // The floor has the machine to itself, as the platform had.
            drained.Add((await Backlog.DrainAsync(connectionString, schemas)).TotalSeconds);
            if (pgbench is not null)
            {
                await WriteFloor.PrepareAsync(connectionString);
                floor.Add((await pgbench.RunAsync(WriteFloor.Script, Clients, Round)).Rate);
            }
        }

        table.Add(what, $"{Median(ours.Select(o => o.Rate)):0}/s, p50 {Median(ours.Select(o => o.P50)):0.0} ms, p99 {Median(ours.Select(o => o.P99)):0.0} ms, {ours.Sum(o => o.Failed)} failed");
        table.Add("  events behind when the load ended", $"{Median(drained):0.0} s");
        if (floor.Count > 0)
        {
            table.Add("  floor: pgbench, same inserts", $"{Median(floor):0}/s");
            table.Add("  ratio, round by round", $"{Median(ours.Zip(floor, (o, f) => o.Rate / f)):P0}", ">= 50 %");
        }
    }

    private static async Task ReplayAsync(int port, string key, ResultTable table)
    {
        using var connection = await HttpConnection.OpenAsync(port);
        await connection.SendAsync(Requests.Create(key, "replay"));
        var replay = await ClosedLoop.RunAsync(port, 1, TimeSpan.FromSeconds(3), (_, _) => Requests.Create(key, "replay"), 200);
        table.Add("idempotent replay, one caller", $"p50 {replay.P50:0.00} ms, p99 {replay.P99:0.00} ms");
    }

    private static async Task ReadsAsync(int port, string key, ResultTable table)
    {
        using var connection = await HttpConnection.OpenAsync(port);
        await connection.SendAsync(Requests.Create(key, "read"));
        var path = "/v1/resources/" + JsonDocument.Parse(connection.Body).RootElement.GetProperty("id").GetString();
        var bare = ChildProcess.FreePort();
        await using var endpoint = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.Benchmarks.dll"), ["bare", bare.ToString()]);
        await endpoint.AnswersAsync(bare, "/");
        var get = Requests.Get(key, path);
        await ClosedLoop.RunAsync(port, Clients, Round, (_, _) => get, 200);
        await ClosedLoop.RunAsync(bare, Clients, Round, (_, _) => get, 200);
        var ours = new List<LoadResult>();
        var floor = new List<LoadResult>();
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await ClosedLoop.RunAsync(port, Clients, Round, (_, _) => get, 200));
            floor.Add(await ClosedLoop.RunAsync(bare, Clients, Round, (_, _) => get, 200));
        }

        table.Add("read path", $"{Median(ours.Select(o => o.Rate)):0}/s, p50 {Median(ours.Select(o => o.P50)):0.00} ms, p99 {Median(ours.Select(o => o.P99)):0.00} ms");
        table.Add("  floor: bare Kestrel, same bytes", $"{Median(floor.Select(o => o.Rate)):0}/s");
        table.Add("  ratio, round by round", $"{Median(ours.Zip(floor, (o, f) => o.Rate / f.Rate)):P0}", ">= 60 %");
        var single = await ClosedLoop.RunAsync(port, 1, TimeSpan.FromSeconds(3), (_, _) => get, 200);
        table.Add("plain read, one caller", $"p50 {single.P50:0.00} ms, p99 {single.P99:0.00} ms", "replay < 2 ms over it");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
