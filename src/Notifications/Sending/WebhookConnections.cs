using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Sending;

/// <summary>
/// The connections to receivers, kept alive and shared by all endpoints. Where they may lead is judged by the outbound policy, after the
/// name was resolved.
/// </summary>
internal sealed class WebhookConnections : IDisposable
{
    /// <param name="resolve">Looks names up; the machine's resolver when null.</param>
    public WebhookConnections(OutboundPolicy policy, WebhookOptions options, ResolveHost? resolve = null)
    {
        var handler = OutboundHttp.CreateHandler(policy, resolve);
        handler.ConnectTimeout = options.ConnectTimeout;
        Client = new(handler);
    }

    /// <summary>Hands over an answer as soon as its headers are there; the body is read by the caller.</summary>
    public HttpMessageInvoker Client { get; }

    public void Dispose() => Client.Dispose();
}
