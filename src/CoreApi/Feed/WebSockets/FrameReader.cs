using System.Net.WebSockets;
using System.Threading.Channels;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>A frame as JSON, or what is wrong with it, or why the connection has to end: one of the three.</summary>
internal sealed record ReceivedFrame(ReadOnlyMemory<byte>? Json, Problem? Problem, Ending? End);

/// <summary>Reads the client's frames, none longer than 64 KiB and no more of them than a client has reason to send.</summary>
internal sealed class FrameReader(WebSocket socket, IWire wire, ChannelWriter<ReceivedFrame> frames, TimeProvider clock)
{
    public const int MaxFrame = 64 * 1024;

    /// <summary>Frames in any one second.</summary>
    public const int MaxRate = 200;

    private byte[] _buffer = new byte[1024];
    private long _second;
    private int _inSecond;

    /// <summary>Until the client closes, has gone, or is to be sent away; then goes on reading without listening, for the closing handshake.</summary>
    public async Task RunAsync(CancellationToken ending)
    {
        try
        {
            while (await ReceiveAsync() is { } received)
            {
                await frames.WriteAsync(received, ending);
                if (received.End is not null)
                {
                    break;
                }
            }

            frames.TryComplete();
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                await socket.ReceiveAsync(_buffer, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            // It has gone without a word, or broke the protocol, which the framework answers.
        }
        finally
        {
            frames.TryComplete();
        }
    }

    /// <summary>Null when the client closes.</summary>
    private async ValueTask<ReceivedFrame?> ReceiveAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.MessageType != wire.MessageType)
            {
                return Refuse(WebSocketCloseStatus.InvalidMessageType, wire.MessageType == WebSocketMessageType.Text ? "text_frames_only" : "binary_frames_only");
            }

            if (part.EndOfMessage)
            {
                break;
            }

            if (length == _buffer.Length)
            {
                if (length > MaxFrame)
                {
                    return Refuse(WebSocketCloseStatus.MessageTooBig, "frame_too_large");
                }

                Array.Resize(ref _buffer, Math.Min(length * 2, MaxFrame + 1));
            }
        }

        if (length > MaxFrame)
        {
            return Refuse(WebSocketCloseStatus.MessageTooBig, "frame_too_large");
        }

        if (IsFlood())
        {
            return Refuse(WebSocketCloseStatus.PolicyViolation, "too_many_frames");
        }

        return wire.ToJson(_buffer.AsMemory(0, length).ToArray(), out var reason) is { } json
            ? new(json, null, null)
            : new(null, Malformed(reason!), null);
    }

    private bool IsFlood()
    {
        var second = clock.GetTimestamp() / clock.TimestampFrequency;
        _inSecond = second == _second ? _inSecond + 1 : 1;
        _second = second;
        return _inSecond > MaxRate;
    }

    private static ReceivedFrame Refuse(WebSocketCloseStatus status, string reason) => new(null, null, new(status, reason));

    private static Problem Malformed(string detail) => new(StatusCodes.Status400BadRequest, "malformed_messagepack", "The frame is not valid MessagePack", detail);
}
