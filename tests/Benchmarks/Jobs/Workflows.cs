using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Paths;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Benchmarks.Jobs;

/// <summary>
/// Workflows of the whole platform in one process, over HTTP: from sending the POST to reading <c>succeeded</c>, one workflow after the other; and how many
/// a second when many are there at once. Client, platform and PostgreSQL share this machine.
/// </summary>
internal static class Workflows
{
    private const int WarmUp = 50;
    private const int Latencies = 100;
    private const int AtOnce = 200;

    public static async Task<int> RunAsync()
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
            var port = ChildProcess.FreePort();
            await using var platform = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.Standalone.dll"), [], RunningPlatform.Unlimited,
                ("PLATFORM_DATA", data), ("PLATFORM_PORT", port.ToString()), ("PLATFORM_GRPC_PORT", "0"), ("ConnectionStrings__platform", postgres.ConnectionString));
            await platform.AnswersAsync(port, "/health/ready");
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            client.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim());
            await MeasureAsync(client, table);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static async Task MeasureAsync(HttpClient client, ResultTable table)
    {
        var chain = Chain(5);
        await LatencyAsync(client, chain, WarmUp);
        Note(table, "five steps, one after the other: POST to `succeeded`", await LatencyAsync(client, chain, Latencies), "p50 <= 127 ms");
        Note(table, "one step", await LatencyAsync(client, Chain(1), Latencies));
        Note(table, "fan-out to 100 and in again", await LatencyAsync(client, FanOut(100), 20));

        var started = Stopwatch.GetTimestamp();
        var ids = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => StartAsync(client, chain)));
        foreach (var id in ids)
        {
            await EndsAsync(client, id);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        table.Add($"{AtOnce} workflows of five steps at once", $"{AtOnce / seconds:0} workflows/s, {AtOnce * 5 / seconds:0} steps/s");
    }

    private static void Note(ResultTable table, string what, double[] milliseconds, string budget = "") =>
        table.Add(what, $"p50 {milliseconds[milliseconds.Length / 2]:0.0} ms, p99 {milliseconds[(int)(milliseconds.Length * 0.99)]:0.0} ms", budget);

    private static async Task<double[]> LatencyAsync(HttpClient client, string body, int times)
    {
        var milliseconds = new double[times];
        for (var i = 0; i < times; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await EndsAsync(client, await StartAsync(client, body));
            milliseconds[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        return milliseconds;
    }

    private static async Task<string> StartAsync(HttpClient client, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await client.PostAsync("/v1/workflows", content);
        using var document = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync());
        return document.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Asks every two milliseconds: asking takes from the platform's share of the machine.</summary>
    private static async Task EndsAsync(HttpClient client, string id)
    {
        while (true)
        {
            using var document = JsonDocument.Parse(await client.GetByteArrayAsync("/v1/workflows/" + id));
            switch (document.RootElement.GetProperty("state").GetString())
            {
                case "succeeded":
                    return;
                case "running":
                    await Task.Delay(2);
                    break;
                default:
                    throw new InvalidOperationException(document.RootElement.GetRawText());
            }
        }
    }

    private static string Chain(int length) => Steps("[]", Enumerable.Range(0, length)
        .Select(i => """{"name":"sTHIS","needs":[NEEDS],"job":{"type":"noop","payload":{}}}"""
            .Replace("THIS", i.ToString(), StringComparison.Ordinal).Replace("NEEDS", i == 0 ? "" : $"\"s{i - 1}\"", StringComparison.Ordinal)));

    private static string FanOut(int width) => Steps($"[{string.Join(',', Enumerable.Range(0, width))}]",
    [
        """{"name":"fan","for_each":"{{input}}","job":{"type":"noop","payload":{"n":"{{item}}"}}}""",
        """{"name":"in","needs":["fan"],"job":{"type":"noop","payload":{"all":"{{steps.fan.result}}"}}}""",
    ]);

    private static string Steps(string input, IEnumerable<string> steps) => $$"""{"input":{{input}},"steps":[{{string.Join(',', steps)}}] }""";
}
