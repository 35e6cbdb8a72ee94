using System.Text;
using Microsoft.Extensions.Configuration;
using Platform.Notifications.Sending;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Tests;

/// <summary>One attempt by itself, without a service around it.</summary>
internal static class OneAttempt
{
    public static Task<AttemptResult> SendAsync(
        string url, WebhookConnections connections, WebhookOptions options, string body = "{}", Dictionary<string, string>? headers = null) =>
        new WebhookSender(connections, options, TimeProvider.System).SendAsync(
            new(url, "evt_1", Encoding.UTF8.GetBytes(body), [WebhookSecret.Create()], headers ?? new(StringComparer.Ordinal)), CancellationToken.None);

    /// <summary>As the setting would say it.</summary>
    public static OutboundPolicy Allowing(string list) => OutboundPolicy.Read(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [OutboundPolicy.Setting] = list }).Build());
}
