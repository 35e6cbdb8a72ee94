using System.Text;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;

namespace Platform.Benchmarks.Api;

/// <summary>Pages of resources, and many written at once.</summary>
internal static class Collections
{
    public static async Task MeasureAsync(int port, string key, ResultTable table)
    {
        foreach (var (what, path) in new[] { ("list of 50", "/v1/resources"), ("list of 50 of a type, newest first", "/v1/resources?type=order&sort=-created_at") })
        {
            var get = Requests.Get(key, path);
            await ClosedLoop.RunAsync(port, Rounds.Clients, TimeSpan.FromSeconds(3), (_, _) => get, 200);
            var page = await ClosedLoop.RunAsync(port, Rounds.Clients, Rounds.Length, (_, _) => get, 200);
            table.Add(what, $"{page.Rate:0}/s = {page.Rate * 50:0} resources/s, p50 {page.P50:0.0} ms, p99 {page.P99:0.0} ms, {page.Failed} failed");
        }

        foreach (var size in new[] { 10, 100, 1000 })
        {
            var body = "{\"operations\":[" + string.Join(',', Enumerable.Repeat($$$"""{"op":"create","type":"order","data":{{{Requests.Data}}}}""", size)) + "]}";
            var request = Requests.PostJson(key, "/v1/resources:batch", body);
            await ClosedLoop.RunAsync(port, 4, TimeSpan.FromSeconds(2), (_, _) => request, 200);
            var batch = await ClosedLoop.RunAsync(port, 4, Rounds.Length, (_, _) => request, 200);
            table.Add($"batch of {size} creates", $"{batch.Rate:0.0}/s = {batch.Rate * size:0} resources/s, p50 {batch.P50:0.0} ms, p99 {batch.P99:0.0} ms, {batch.Failed} failed");
        }
    }
}
