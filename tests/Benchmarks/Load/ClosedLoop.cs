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
        var open = new HttpConnection[connections];
        for (var c = 0; c < connections; c++)
        {
            open[c] = await HttpConnection.OpenAsync(port);
        }

        try
        {
            return await RunAsync(connections, duration, async (c, n) => await open[c].SendAsync(request(c, n)) == expected);
        }
        finally
        {
            Array.ForEach(open, c => c.Dispose());
        }
    }

    /// <param name="call">The n-th call of a caller; false: not as expected.</param>
    public static async Task<LoadResult> RunAsync(int callers, TimeSpan duration, Func<int, long, ValueTask<bool>> call)
    {
        var latencies = new List<double>[callers];
        var failed = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(async () =>
        {
            var own = latencies[c] = new(100_000);
            for (long n = 0; Stopwatch.GetElapsedTime(started) < duration; n++)
            {
                var sent = Stopwatch.GetTimestamp();
                if (!await call(c, n))
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
