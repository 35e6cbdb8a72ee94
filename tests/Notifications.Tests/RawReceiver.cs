using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Platform.Notifications.Tests;

/// <summary>A listening socket that does with each connection what a test says, for what no web server would do.</summary>
internal sealed class RawReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private readonly bool _readsRequest;
    private int _connections;

    /// <param name="behave">Gets a connection whose request was read up to the end of its headers.</param>
    /// <param name="readsRequest">False to get the connection untouched.</param>
    public RawReceiver(Func<NetworkStream, CancellationToken, Task> behave, bool readsRequest = true)
    {
        _readsRequest = readsRequest;
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";
        _accepting = AcceptAsync(behave);
    }

    public string Url { get; }
    public int Connections => _connections;

    /// <summary>Answers with these lines and hangs.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Say(string text) => async (stream, cancellationToken) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    };

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> behave)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                Interlocked.Increment(ref _connections);
                open.Add(ServeAsync(client, behave));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException || (e is InvalidOperationException && _closing.IsCancellationRequested))
        {
            // Stopped while it listened, or between two connections.
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> behave)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var seen = new StringBuilder();
                var buffer = new byte[4096];
                while (_readsRequest && !seen.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
                {
                    var read = await stream.ReadAsync(buffer, _closing.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    seen.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }

                await behave(stream, _closing.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The other side gave up first, or the test is over.
            }
        }
    }
}
