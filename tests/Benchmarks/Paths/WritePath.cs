using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;

namespace Platform.Benchmarks.Paths;

/// <summary><c>POST /v1/resources</c> against the same inserts by pgbench.</summary>
internal static class WritePath
{
    public static async Task MeasureAsync(
        string what, int port, string key, string connectionString, string[] schemas, PgBench? pgbench, ResultTable table)
    {
        var ours = new List<LoadResult>();
        var floor = new List<double>();
        var drained = new List<double>();
        for (var round = 0; round < Rounds.Count; round++)
        {
            var prefix = $"{what}-{round}".Replace(' ', '-');
            ours.Add(await ClosedLoop.RunAsync(port, Rounds.Clients, Rounds.Length, (c, n) => Requests.Create(key, $"{prefix}-{c}-{n}"), 201));

            // The floor has the machine to itself, as the platform had.
            drained.Add((await Backlog.DrainAsync(connectionString, schemas)).TotalSeconds);
            if (pgbench is not null)
            {
                await WriteFloor.PrepareAsync(connectionString);
                floor.Add((await pgbench.RunAsync(WriteFloor.Script, Rounds.Clients, Rounds.Length)).Rate);
            }
        }

        table.Add(what, $"{Rounds.Median(ours.Select(o => o.Rate)):0}/s, p50 {Rounds.Median(ours.Select(o => o.P50)):0.0} ms, p99 {Rounds.Median(ours.Select(o => o.P99)):0.0} ms, {ours.Sum(o => o.Failed)} failed");
        table.Add("  events behind when the load ended", $"{Rounds.Median(drained):0.0} s");
        if (floor.Count > 0)
        {
            table.Add("  floor: pgbench, same inserts", $"{Rounds.Median(floor):0}/s");
            table.Add("  ratio, round by round", $"{Rounds.Median(ours.Zip(floor, (o, f) => o.Rate / f)):P0}", ">= 50 %");
        }
    }

    public static async Task ReplayAsync(int port, string key, ResultTable table)
    {
        using var connection = await HttpConnection.OpenAsync(port);
        await connection.SendAsync(Requests.Create(key, "replay"));
        var replay = await ClosedLoop.RunAsync(port, 1, TimeSpan.FromSeconds(3), (_, _) => Requests.Create(key, "replay"), 200);
        table.Add("idempotent replay, one caller", $"p50 {replay.P50:0.00} ms, p99 {replay.P99:0.00} ms");
    }
}
