using System.Text.Json;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;

namespace Platform.Benchmarks.Paths;

/// <summary><c>GET /v1/resources/{id}</c> against a bare endpoint that returns the same bytes.</summary>
internal static class ReadPath
{
    public static async Task MeasureAsync(int port, string key, ResultTable table)
    {
        using var connection = await HttpConnection.OpenAsync(port);
        await connection.SendAsync(Requests.Create(key, "read"));
        var path = "/v1/resources/" + JsonDocument.Parse(connection.Body).RootElement.GetProperty("id").GetString();
        var bare = ChildProcess.FreePort();
        await using var endpoint = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.Benchmarks.dll"), ["bare", bare.ToString()]);
        await endpoint.AnswersAsync(bare, "/");
        var get = Requests.Get(key, path);
        await ClosedLoop.RunAsync(port, Rounds.Clients, Rounds.Length, (_, _) => get, 200);
        await ClosedLoop.RunAsync(bare, Rounds.Clients, Rounds.Length, (_, _) => get, 200);
        var ours = new List<LoadResult>();
        var floor = new List<LoadResult>();
        for (var round = 0; round < Rounds.Count; round++)
        {
            ours.Add(await ClosedLoop.RunAsync(port, Rounds.Clients, Rounds.Length, (_, _) => get, 200));
            floor.Add(await ClosedLoop.RunAsync(bare, Rounds.Clients, Rounds.Length, (_, _) => get, 200));
        }

        table.Add("read path", $"{Rounds.Median(ours.Select(o => o.Rate)):0}/s, p50 {Rounds.Median(ours.Select(o => o.P50)):0.00} ms, p99 {Rounds.Median(ours.Select(o => o.P99)):0.00} ms, {ours.Sum(o => o.Failed)} failed");
        table.Add("  floor: bare Kestrel, same bytes", $"{Rounds.Median(floor.Select(o => o.Rate)):0}/s");
        table.Add("  ratio, round by round", $"{Rounds.Median(ours.Zip(floor, (o, f) => o.Rate / f.Rate)):P0}", ">= 60 %");
        var single = await ClosedLoop.RunAsync(port, 1, TimeSpan.FromSeconds(3), (_, _) => get, 200);
        table.Add("plain read, one caller", $"p50 {single.P50:0.00} ms, p99 {single.P99:0.00} ms", "replay < 2 ms over it");
    }
}
