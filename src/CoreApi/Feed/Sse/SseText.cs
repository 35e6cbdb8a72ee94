using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Feed.Sse;

/// <summary>What is written to an event stream (WHATWG HTML, server-sent events), UTF-8.</summary>
internal static class SseText
{
    public static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    /// <summary>An event; written once for all clients.</summary>
    public static byte[] Event(FeedEvent received)
    {
        var json = received.Json.Span;
        var head = Encoding.UTF8.GetBytes($"id: {received.Position.ToString(CultureInfo.InvariantCulture)}\nevent: {OneLine(received.Type)}\ndata: ");
        var text = new byte[head.Length + json.Length + 2];
        head.CopyTo(text, 0);
        json.CopyTo(text.AsSpan(head.Length));
        text[^2] = text[^1] = (byte)'\n';
        return text;
    }

    /// <summary>Says where the client stands without an event: browsers keep it for their next <c>Last-Event-ID</c>.</summary>
    public static byte[] Position(long position) => Encoding.UTF8.GetBytes($"id: {position.ToString(CultureInfo.InvariantCulture)}\n\n");

    /// <summary>How long to wait before connecting again.</summary>
    public static byte[] Retry(TimeSpan pause) => Encoding.UTF8.GetBytes($"retry: {((long)pause.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}\n");

    /// <summary>Events are missing.</summary>
    /// <param name="position">Where it goes on.</param>
    public static byte[] Gap(FeedGap gap, long position) =>
        Encoding.UTF8.GetBytes($"id: {position.ToString(CultureInfo.InvariantCulture)}\nevent: gap\ndata: {Encoding.UTF8.GetString(GapJson(gap, position))}\n\n");

    /// <summary><c>{from, to, reason, position}</c></summary>
    public static byte[] GapJson(FeedGap gap, long position)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteGap(json, gap, position);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static void WriteGap(Utf8JsonWriter json, FeedGap gap, long position)
    {
        WriteNumber(json, "from", gap.From);
        WriteNumber(json, "to", gap.To);
        json.WriteString("reason", gap.Reason);
        json.WriteNumber("position", position);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Types are dotted names; one that another system made up must not become fields of its own.</summary>
    private static string OneLine(string type) => type.Contains('\n') || type.Contains('\r') ? type.Replace('\n', ' ').Replace('\r', ' ') : type;
}
