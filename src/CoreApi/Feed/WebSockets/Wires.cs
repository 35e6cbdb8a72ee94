using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text.Json;
using Platform.CoreApi.Feed.MessagePack;
using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>How frames look on the wire. All rules are of JSON; the other form is translated.</summary>
internal interface IWire
{
    WebSocketMessageType MessageType { get; }

    /// <summary>A frame of the client as JSON; null and a reason where it has no such form.</summary>
    ReadOnlyMemory<byte>? ToJson(ReadOnlyMemory<byte> frame, out string? reason);

    /// <summary>A frame of the server from its JSON.</summary>
    ReadOnlyMemory<byte> FromJson(byte[] json);

    /// <summary>What every event frame of a subscription begins with, up to the position's value.</summary>
    byte[] EventPrefix(string subscription);

    /// <summary>An event frame: the subscription's part and the event's, which all clients share.</summary>
    void WriteEvent(IBufferWriter<byte> frame, byte[] prefix, FeedEvent received);
}

internal sealed class JsonWire : IWire
{
    public WebSocketMessageType MessageType => WebSocketMessageType.Text;

    public ReadOnlyMemory<byte>? ToJson(ReadOnlyMemory<byte> frame, out string? reason)
    {
        reason = null;
        return frame;
    }

    public ReadOnlyMemory<byte> FromJson(byte[] json) => json;

    public byte[] EventPrefix(string subscription) =>
        [.. "{\"type\":\"event\",\"subscription\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(subscription), .. ",\"position\":"u8];

    public void WriteEvent(IBufferWriter<byte> frame, byte[] prefix, FeedEvent received)
    {
        frame.Write(prefix);
        Utf8Formatter.TryFormat(received.Position, frame.GetSpan(20), out var written);
        frame.Advance(written);
        frame.Write(",\"event\":"u8);
        frame.Write(received.Json.Span);
        frame.Write("}"u8);
    }
}

internal sealed class MessagePackWire : IWire
{
    private static readonly Func<FeedEvent, byte[]> Translate = received =>
    {
        var buffer = new ArrayBufferWriter<byte>(received.Json.Length);
        MessagePackWriter.WriteJson(buffer, received.Json);
        return buffer.WrittenSpan.ToArray();
    };

    public WebSocketMessageType MessageType => WebSocketMessageType.Binary;

    public ReadOnlyMemory<byte>? ToJson(ReadOnlyMemory<byte> frame, out string? reason) =>
        MessagePackReader.TryToJson(frame.Span, out var json, out reason) ? json : (ReadOnlyMemory<byte>?)null;

    public ReadOnlyMemory<byte> FromJson(byte[] json)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        MessagePackWriter.WriteJson(buffer, json);
        return buffer.WrittenMemory;
    }

    public byte[] EventPrefix(string subscription)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        MessagePackWriter.WriteMapHeader(buffer, 4);
        MessagePackWriter.WriteString(buffer, "type");
        MessagePackWriter.WriteString(buffer, "event");
        MessagePackWriter.WriteString(buffer, "subscription");
        MessagePackWriter.WriteString(buffer, subscription);
        MessagePackWriter.WriteString(buffer, "position");
        return buffer.WrittenSpan.ToArray();
    }

    public void WriteEvent(IBufferWriter<byte> frame, byte[] prefix, FeedEvent received)
    {
        frame.Write(prefix);
        MessagePackWriter.WriteInteger(frame, received.Position);
        MessagePackWriter.WriteString(frame, "event");
        frame.Write(received.MessagePack(Translate).Span);
    }
}
