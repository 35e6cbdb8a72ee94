using System.Globalization;
using System.Text;

namespace Platform.Notifications.Signing;

/// <summary>
/// Signatures of Standard Webhooks 1.0.0 over <c>id.timestamp.body</c>: <c>v1,</c> and the base64 of an HMAC-SHA256, or <c>v1a,</c> and that of an
/// ed25519 signature; one for each key, separated by spaces, so that receivers can change over in their own time.
/// </summary>
internal static class WebhookSignature
{
    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="timestamp">Unix seconds, as in <c>webhook-timestamp</c>.</param>
    public static string Of(IReadOnlyList<WebhookSecret> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.");
        var content = new byte[Encoding.UTF8.GetByteCount(head) + body.Length];
        body.CopyTo(content.AsSpan(Encoding.UTF8.GetBytes(head, content)));
        Span<byte> signature = stackalloc byte[WebhookSecret.MaxSignature];
        var signatures = new StringBuilder(96 * secrets.Count);
        foreach (var secret in secrets)
        {
            var length = secret.Sign(content, signature);
            signatures.Append(signatures.Length == 0 ? "" : " ").Append(secret.Scheme).Append(',').Append(Convert.ToBase64String(signature[..length]));
        }

        return signatures.ToString();
    }
}
