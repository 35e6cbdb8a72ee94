using System.Diagnostics;

namespace Platform.Benchmarks.Load;

/// <summary>What a run measured.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="Failed">Answers with another status than expected.</param>
internal sealed record LoadResult(double Rate, double P50, double P99, int Failed);

/// <summary>A number of connections, each sending its next request when the last one is answered, for a bounded time.</summary>
internal static class ClosedLoop
{
    /// <param name="request">The n-th request as bytes; called on the connection's own loop.</param>
    public static async Task<LoadResult> RunAsync(int port, int connections, TimeSpan duration, Func<int, long, ReadOnlyMemory<byte>> request, int expected)
    {
        var latencies = new List<double>[connections];
        var failed = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(c => Task.Run(async () =>
        {
            using var connection = await HttpConnection.OpenAsync(port);
            var own = latencies[c] = new(100_000);
            for (long n = 0; Stopwatch.GetElapsedTime(started) < duration; n++)
            {
                var bytes = request(c, n);
                var sent = Stopwatch.GetTimestamp();
                if (await connection.SendAsync(bytes) != expected)
                {
                    Interlocked.Increment(ref failed);
                }

                own.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var all = latencies.SelectMany(l => l).Order().ToArray();
        return new(all.Length / elapsed.TotalSeconds, At(all, 0.50), At(all, 0.99), failed);
    }

    private static double At(double[] sorted, double quantile) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * quantile)];
}
