using System.Net.WebSockets;
using System.Text.Json;
using Platform.CoreApi.Tests.Feed;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>Frames on a new WebSocket; without any, the opening alone. The answer to the last one counts.</summary>
internal sealed record SocketAsk(string[] Frames) : Ask(Transport.Socket)
{
    /// <summary>Events that are waited for after the last frame is answered.</summary>
    public int Events { get; init; }

    public override Task<Seen> SendAsync(World world) => Frames.Length == 0 ? OpenAsync(world) : TalkAsync(world);

    public override string ToString() => Frames.Length == 0 ? "WebSocket" : $"WebSocket {(Frames[^1].Length < 100 ? Frames[^1] : Frames[^1][..100])}";

    /// <summary>By hand, because a client library does not show the problem document that refuses it.</summary>
    private async Task<Seen> OpenAsync(World world)
    {
        using var client = new HttpClient { BaseAddress = world.Service.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/stream");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        if (world.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var seen = new Seen(ToString()) { Status = (int)response.StatusCode };
        return (int)response.StatusCode == 101 ? seen with { Status = null } : RestAsk.Refused(seen, response, await response.DocumentAsync());
    }

    private async Task<Seen> TalkAsync(World world)
    {
        using var socket = new SocketClient();
        socket.Socket.Options.SetRequestHeader("Authorization", world.Authorization);
        await socket.Socket.ConnectAsync(SocketClient.Address(world.Service), CancellationToken.None);
        var seen = new Seen(ToString());
        foreach (var frame in Frames)
        {
            await socket.SendAsync(world.Fill(frame));
            seen = await AnswerAsync(socket, seen);
        }

        return seen.Code is null && Events > 0 ? seen with { Note = await ReadAsync(socket) } : seen;
    }

    private static async Task<Seen> AnswerAsync(SocketClient socket, Seen seen)
    {
        if (await socket.ReceiveBytesAsync() is not { } bytes)
        {
            return seen with { Code = $"{(int)socket.Socket.CloseStatus!} {socket.Socket.CloseStatusDescription}" };
        }

        var answer = JsonDocument.Parse(bytes).RootElement;
        return answer.GetProperty("type").GetString() == "error"
            ? seen with { Code = answer.GetProperty("code").GetString(), Faults = FaultPath.Of(RestAsk.FaultsOf(answer)) }
            : seen;
    }

    private async Task<string> ReadAsync(SocketClient socket)
    {
        var told = new List<string>();
        while (told.Count < Events)
        {
            var frame = await socket.ReceiveAsync();
            if (frame.GetProperty("type").GetString() is "event" or "gap")
            {
                told.Add(frame.TryGetProperty("reason", out _) ? RestAsk.Gap(frame) : RestAsk.Event(frame.GetProperty("event")));
            }
        }

        return string.Join(' ', told);
    }
}
