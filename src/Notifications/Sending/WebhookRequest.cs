using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Sending;

/// <summary>One attempt, ready to be sent.</summary>
/// <param name="MessageId"><c>webhook-id</c>: the event's id, the same in every attempt.</param>
/// <param name="Secrets">The current one first.</param>
/// <param name="Headers">The endpoint's own.</param>
internal sealed record WebhookRequest(
    string Url, string MessageId, ReadOnlyMemory<byte> Body, IReadOnlyList<WebhookSecret> Secrets, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>For the whole attempt; what the options say when null.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>The body of Standard Webhooks: <c>{type, timestamp, data}</c>.</summary>
internal static class WebhookBody
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="time">When the event happened; the same in every attempt.</param>
    /// <param name="data">The event's data, taken over as it is.</param>
    public static ReadOnlyMemory<byte> Of(string type, DateTimeOffset time, ReadOnlyMemory<byte> data)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 128);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("timestamp", Rfc3339.Format(time));
            json.WritePropertyName("data");
            json.WriteRawValue(data.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
