using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Confluent.Kafka;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// Headers on the wire are Kafka's own, UTF-8; within the platform they are one flat JSON object of strings. Reading never fails:
/// what another system wrote may be anything, and whether it is an event is decided where it is handled.
/// </summary>
internal static class KafkaHeaders
{
    /// <summary>Names that need not be made again for every record.</summary>
    private static readonly string[] Known =
    [
        HeaderNames.SpecVersion, HeaderNames.Id, HeaderNames.Type, HeaderNames.Source, HeaderNames.Time, HeaderNames.Subject, HeaderNames.TenantId,
        HeaderNames.PartitionKey, HeaderNames.ContentType, HeaderNames.TraceParent,
    ];

    public static Headers Write(string json)
    {
        var headers = new Headers();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOf(ref reader);
            reader.Read();
            headers.Add(name, reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan.ToArray());
        }

        return headers;
    }

    /// <summary>The headers as JSON; of a name that appears twice the last counts. U+0000, which PostgreSQL's text cannot hold, becomes U+FFFD.</summary>
    public static string Read(Headers? headers)
    {
        if (headers is null || headers.Count == 0)
        {
            return "{}";
        }

        var buffer = Buffer ??= new(1024);
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true }))
        {
            json.WriteStartObject();
            for (var i = 0; i < headers.Count; i++)
            {
                if (IsLast(headers, i))
                {
                    var value = headers[i].GetValueBytes();
                    json.WritePropertyName(Text(headers[i].Key));
                    if (value is not null && Utf8.IsValid(value) && !value.AsSpan().Contains((byte)0))
                    {
                        json.WriteStringValue(value);
                    }
                    else
                    {
                        json.WriteStringValue(Text(value));
                    }
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>UTF-8 text as PostgreSQL can hold it.</summary>
    public static string Text(byte[]? utf8) => utf8 is null ? "" : Text(Encoding.UTF8.GetString(utf8));

    /// <summary>
    /// The event's id: the platform's own, a UUID, or one that follows from <c>ce_source</c> and <c>ce_id</c>, which CloudEvents says name an event
    /// together; so a duplicate is known as one whatever form its id has. Without an id the place in the log is the id.
    /// </summary>
    public static Guid IdOf(Headers? headers, string topic, int partition, long offset)
    {
        var id = Last(headers, HeaderNames.Id);
        if (id is null)
        {
            return ForeignId.Of(Instant(null), topic, $"{partition}@{offset}");
        }

        if (TypeId.TryParse(IdPrefix.Event, id, out var own) || Guid.TryParse(id, out own))
        {
            return own;
        }

        return ForeignId.Of(Instant(Last(headers, HeaderNames.Time)), Last(headers, HeaderNames.Source) ?? "", id);
    }

    [field: ThreadStatic]
    private static ArrayBufferWriter<byte>? Buffer { get; set; }

    private static string NameOf(ref Utf8JsonReader reader)
    {
        foreach (var known in Known)
        {
            if (reader.ValueTextEquals(known))
            {
                return known;
            }
        }

        return reader.GetString()!;
    }

    private static bool IsLast(Headers headers, int index)
    {
        for (var later = index + 1; later < headers.Count; later++)
        {
            if (headers[later].Key == headers[index].Key)
            {
                return false;
            }
        }

        return true;
    }

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static string? Last(Headers? headers, string name) =>
        headers is not null && headers.TryGetLastBytes(name, out var value) && value is { Length: > 0 } ? Encoding.UTF8.GetString(value) : null;

    private static string Text(string text) => text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;
}
