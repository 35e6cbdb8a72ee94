using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.CoreApi.Feed.Sse;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>What the server says, beside events, as JSON in UTF-8.</summary>
internal static class ServerFrames
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The subscription stands at this position: what follows it will come.</summary>
    public static byte[] Subscribed(string id, long position) => Write("subscribed", json =>
    {
        json.WriteString("id", id);
        json.WriteNumber("position", position);
    });

    /// <summary>Nothing more will come for it.</summary>
    public static byte[] Unsubscribed(string id, long position) => Write("unsubscribed", json =>
    {
        json.WriteString("id", id);
        json.WriteNumber("position", position);
    });

    public static byte[] Gap(string subscription, FeedGap gap, long position) => Write("gap", json =>
    {
        json.WriteString("subscription", subscription);
        SseText.WriteGap(json, gap, position);
    });

    /// <summary>Nothing happened; up to the position nothing is missing for any subscription.</summary>
    public static byte[] Heartbeat(long? position) => Write("heartbeat", json =>
    {
        if (position is { } known)
        {
            json.WriteNumber("position", known);
        }
    });

    public static byte[] Pong(string id) => Write("pong", json =>
    {
        if (id.Length > 0)
        {
            json.WriteString("id", id);
        }
    });

    /// <summary>A problem document's code, detail and errors; nothing was changed by the frame that it answers.</summary>
    /// <param name="id">The frame's id, where it could be read.</param>
    public static byte[] Error(string? id, Problem problem) => Write("error", json =>
    {
        if (id is not null)
        {
            json.WriteString("id", id);
        }

        json.WriteString("code", problem.Code);
        json.WriteString("detail", problem.Detail);
        json.WriteStartArray("errors");
        foreach (var error in problem.Errors)
        {
            json.WriteStartObject();
            json.WriteString("pointer", error.Pointer);
            json.WriteString("code", error.Code);
            json.WriteString("detail", error.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static byte[] Write(string type, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            fields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
