using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Sending;

/// <summary>
/// The connections to receivers, kept alive and shared by all endpoints. Where they may lead is judged by the outbound policy, after the
/// name was resolved.
/// </summary>
internal sealed class WebhookConnections : IDisposable
{
    private const int MaxAddresses = 10_000;
    private readonly ConcurrentDictionary<(string Host, int Port), string> _addresses = new();

    public WebhookConnections(OutboundPolicy policy, WebhookOptions options)
    {
        var handler = OutboundHttp.CreateHandler(policy);
        handler.ConnectTimeout = options.ConnectTimeout;
        var connect = handler.ConnectCallback!;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var stream = await connect(context, cancellationToken);
            Remember(context.DnsEndPoint, stream);
            return stream;
        };
        Client = new(handler);
    }

    /// <summary>Hands over an answer as soon as its headers are there; the body is read by the caller.</summary>
    public HttpMessageInvoker Client { get; }

    /// <summary>Where the host's name led when it was last connected to; null when it never was.</summary>
    public string? AddressOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && _addresses.TryGetValue((uri.IdnHost, uri.Port), out var address) ? address : null;

    public void Dispose() => Client.Dispose();

    private void Remember(DnsEndPoint target, Stream stream)
    {
        if (stream is not NetworkStream { Socket.RemoteEndPoint: IPEndPoint remote })
        {
            return;
        }

        if (_addresses.Count > MaxAddresses)
        {
            _addresses.Clear();
        }

        _addresses[(target.Host, target.Port)] = remote.Address.ToString();
    }
}
