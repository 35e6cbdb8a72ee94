using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;

namespace Platform.Benchmarks.Main;

/// <summary>From the acknowledgement of a create (it is committed by then) to the arrival of its webhook, one at a time.</summary>
internal static class WebhookLatency
{
    /// <summary>Milliseconds at p50 and p99.</summary>
    public static async Task<(double P50, double P99)> MeasureAsync(int port, string key, int count)
    {
        var arrivals = new ConcurrentDictionary<string, TaskCompletionSource<long>>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var receiver = builder.Build();
        receiver.Run(async http =>
        {
            var arrived = Stopwatch.GetTimestamp();
            var body = await JsonDocument.ParseAsync(http.Request.Body);
            var id = body.RootElement.GetProperty("data").GetProperty("id").GetString()!;
            arrivals.GetOrAdd(id, _ => NewSource()).TrySetResult(arrived);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        await receiver.StartAsync();

        using var connection = await HttpConnection.OpenAsync(port);
        await connection.SendAsync(Requests.PostJson(key, "/v1/webhook-endpoints", $$"""{"url":"{{receiver.Urls.First()}}/","event_types":["resource.created"]}"""));
        var endpoint = Id(connection);
        var latencies = new List<double>(count);
        for (var n = 0; n < count; n++)
        {
            await connection.SendAsync(Requests.Create(key, $"hook-{n}-{System.Environment.ProcessId}"));
            var acknowledged = Stopwatch.GetTimestamp();
            var arrival = await arrivals.GetOrAdd(Id(connection), _ => NewSource()).Task.WaitAsync(TimeSpan.FromSeconds(30));
            latencies.Add(Math.Max(0, (arrival - acknowledged) * 1000.0 / Stopwatch.Frequency));
        }

        using var client = new HttpClient();
        using var delete = new HttpRequestMessage(HttpMethod.Delete, $"http://127.0.0.1:{port}/v1/webhook-endpoints/{endpoint}");
        delete.Headers.Authorization = new("Bearer", key);
        await client.SendAsync(delete);

        // The first tenth warms the path up.
        var sorted = latencies.Skip(count / 10).Order().ToArray();
        return (sorted[sorted.Length / 2], sorted[(int)((sorted.Length - 1) * 0.99)]);
    }

    private static TaskCompletionSource<long> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Id(HttpConnection connection) => JsonDocument.Parse(connection.Body).RootElement.GetProperty("id").GetString()!;
}
