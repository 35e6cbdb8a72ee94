using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Platform.Notifications.Sending;

/// <summary>
/// The connections to receivers: kept alive and shared, without proxy, cookies, redirects or decompression. Addresses are judged where
/// they are connected to, after the name was resolved.
/// </summary>
internal sealed class WebhookConnections : IDisposable
{
    private const int MaxAddresses = 10_000;
    private readonly ConcurrentDictionary<(string Host, int Port), string> _addresses = new();

    public WebhookConnections(WebhookOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 64 * 1024,
            ConnectCallback = ConnectAsync,
        };
        Client = new(handler);
    }

    public HttpMessageInvoker Client { get; }

    /// <summary>Where the host's name led when it was last connected to; null when it never was.</summary>
    public string? AddressOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && _addresses.TryGetValue((uri.IdnHost, uri.Port), out var address) ? address : null;

    public static bool IsBlocked(Exception e) => false;

    public void Dispose() => Client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        if (_addresses.Count > MaxAddresses)
        {
            _addresses.Clear();
        }

        _addresses[(context.DnsEndPoint.Host, context.DnsEndPoint.Port)] = ((IPEndPoint)socket.RemoteEndPoint!).Address.ToString();
        return new NetworkStream(socket, ownsSocket: true);
    }
}
