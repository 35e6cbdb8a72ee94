using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;

namespace Platform.Benchmarks.Api;

/// <summary>
/// A thousand clients of <c>GET /v1/events/stream</c> and one writer at a steady pace: what arrives, and how long after the write was
/// acknowledged (it is committed by then). The clients share the machine with the platform.
/// </summary>
internal static class FanOut
{
    private const int Clients = 1000;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    public static async Task MeasureAsync(int port, string key, ResultTable table)
    {
        foreach (var rate in new[] { 5, 20 })
        {
            using var ending = new CancellationTokenSource();
            var marks = new long[4096];
            var latencies = new List<double>[Clients];
            var connected = new CountdownEvent(Clients);
            var reading = new List<Task>();
            for (var c = 0; c < Clients; c++)
            {
                var own = latencies[c] = [];
                reading.Add(ReadAsync(port, key, marks, own, connected, ending.Token));
            }

            if (!connected.Wait(TimeSpan.FromSeconds(60)))
            {
                throw new TimeoutException("The clients did not connect.");
            }

            using var writer = await HttpConnection.OpenAsync(port);
            var started = Stopwatch.GetTimestamp();
            var written = 0;
            for (; Stopwatch.GetElapsedTime(started) < Length; written++)
            {
                // The mark of a write travels in its type, which every client sees.
                await writer.SendAsync(Requests.PostJson(key, "/v1/resources", $$"""{"type":"mark{{written}}.","data":{"n":{{written}}} }"""));
                Volatile.Write(ref marks[written], Stopwatch.GetTimestamp());
                var due = TimeSpan.FromSeconds((written + 1.0) / rate) - Stopwatch.GetElapsedTime(started);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due);
                }
            }

            var expected = (long)written * Clients;
            var waited = Stopwatch.GetTimestamp();
            while (latencies.Sum(l => (long)Volatile.Read(ref l).Count) < expected && Stopwatch.GetElapsedTime(waited) < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(50);
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            await ending.CancelAsync();
            await Task.WhenAll(reading);
            var all = latencies.SelectMany(l => l).Order().ToArray();
            table.Add($"SSE, {Clients} clients, {rate} events/s",
                $"{all.Length} of {expected} delivered, {all.Length / elapsed.TotalSeconds:0}/s, p50 {all[all.Length / 2]:0} ms, p99 {all[(int)(all.Length * 0.99)]:0} ms after the answer");
        }
    }

    private static async Task ReadAsync(int port, string key, long[] marks, List<double> latencies, CountdownEvent connected, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/events/stream?type=resource.created HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"), cancellationToken);
        var buffer = new byte[64 * 1024];
        var filled = 0;
        var isConnected = false;
        try
        {
            while (true)
            {
                filled += await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
                var arrived = Stopwatch.GetTimestamp();
                if (!isConnected && buffer.AsSpan(0, filled).IndexOf("id: "u8) >= 0)
                {
                    isConnected = true;
                    connected.Signal();
                }

                var taken = Take(buffer.AsSpan(0, filled), marks, latencies, arrived);
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private static int Take(ReadOnlySpan<byte> text, long[] marks, List<double> latencies, long arrived)
    {
        var name = "\"type\":\"mark"u8;
        var taken = 0;
        while (text[taken..].IndexOf(name) is var at and >= 0 && Utf8Parser.TryParse(text[(taken + at + name.Length)..], out int mark, out var digits)
            && text.Length > taken + at + name.Length + digits)
        {
            // An event that overtakes its writer's answer took no time after it.
            var written = Volatile.Read(ref marks[mark]);
            latencies.Add(written == 0 ? 0 : Math.Max(0, Stopwatch.GetElapsedTime(written, arrived).TotalMilliseconds));
            taken += at + name.Length + digits;
        }

        // What may be the beginning of the next one stays.
        return Math.Max(taken, text.Length - 128 > taken ? text.Length - 128 : taken);
    }
}
