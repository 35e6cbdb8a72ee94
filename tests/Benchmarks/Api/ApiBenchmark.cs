using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Benchmarks.Api;

/// <summary>The Core API by itself, path by path, each against its floor. Prints one table.</summary>
internal static class ApiBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <param name="only">One part; null for all.</param>
    public static async Task<int> RunAsync(string? only)
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();

        try
        {
            await MeasureAsync(data, only, table);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static async Task MeasureAsync(string data, string? only, ResultTable table)
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
        await using var core = new RunningPlatform(postgres.ConnectionString, data);
        await core.StartAsync();
        var (port, key) = (core.Port, core.Key);
        await ClosedLoop.RunAsync(port, Rounds.Clients, WarmUp, (c, n) => Requests.Create(key, $"warm-{c}-{n}"), 201);
        if (only is null or "writes")
        {
            await WritePath.MeasureAsync("POST /v1/resources", port, key, postgres.ConnectionString, ["core"], await PgBench.FindAsync(postgres.ConnectionString), table);
            await WritePath.ReplayAsync(port, key, table);
        }

        if (only is null or "reads")
        {
            await ReadPath.MeasureAsync(port, key, table);
        }

        if (only is null or "collections")
        {
            await Collections.MeasureAsync(port, key, table);
        }

        if (only is null or "grpc")
        {
            await GrpcAgainstRest.MeasureAsync(port, core.GrpcPort, key, table);
        }

        if (only is null or "fan-out")
        {
            await Backlog.DrainAsync(postgres.ConnectionString, ["core"]);
            await FanOut.MeasureAsync(port, key, table);
        }
    }
}
