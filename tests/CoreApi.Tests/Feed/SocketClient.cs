using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>A WebSocket client of the feed.</summary>
internal sealed class SocketClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly byte[] _buffer = new byte[256 * 1024];

    public ClientWebSocket Socket { get; } = new();

    public static async Task<SocketClient> OpenAsync(TestService service, Guid tenant, string? protocol = null)
    {
        var client = new SocketClient();
        if (protocol is not null)
        {
            client.Socket.Options.AddSubProtocol(protocol);
        }

        client.Socket.Options.SetRequestHeader("Authorization", "Bearer " + TestAuthenticator.Token(tenant));
        await client.Socket.ConnectAsync(Address(service), CancellationToken.None);
        return client;
    }

    public static Uri Address(TestService service) => new(service.BaseAddress.ToString().Replace("http", "ws", StringComparison.Ordinal) + "v1/stream");

    public Task SendAsync(string json) => SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text);

    public Task SendAsync(byte[] frame, WebSocketMessageType type) => Socket.SendAsync(frame, type, endOfMessage: true, CancellationToken.None).WaitAsync(Patience);

    /// <summary>The next frame; null when the server closes.</summary>
    public async Task<byte[]?> ReceiveBytesAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await Socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(Patience);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.EndOfMessage)
            {
                return _buffer[..length];
            }
        }
    }

    public async Task<JsonElement> ReceiveAsync()
    {
        var frame = await ReceiveBytesAsync();
        Assert.True(frame is not null, $"closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}");
        return JsonDocument.Parse(frame).RootElement;
    }

    /// <summary>The next frame but for heartbeats, which is of this type.</summary>
    public async Task<JsonElement> ReceiveAsync(string type)
    {
        var frame = await ReceiveAsync();
        while (type != "heartbeat" && frame.GetProperty("type").GetString() == "heartbeat")
        {
            frame = await ReceiveAsync();
        }

        Assert.True(frame.GetProperty("type").GetString() == type, frame.GetRawText());
        return frame;
    }

    public async Task<JsonElement> AskAsync(string json, string type)
    {
        await SendAsync(json);
        return await ReceiveAsync(type);
    }

    /// <summary>Reads until the server closes.</summary>
    public async Task<(int Status, string Reason)> ClosedAsync()
    {
        while (await ReceiveBytesAsync() is not null)
        {
            // Whatever is still on its way.
        }

        return ((int)Socket.CloseStatus!, Socket.CloseStatusDescription ?? "");
    }

    public void Dispose() => Socket.Dispose();
}
