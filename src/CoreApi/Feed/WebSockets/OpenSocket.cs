using System.Diagnostics;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Usage;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>
/// <c>GET /v1/stream</c>: the WebSocket. Sub-protocol <c>platform.json</c> (also without any) or <c>platform.msgpack</c>.
/// </summary>
internal static class OpenSocket
{
    public const string Transport = "websocket";
    private const string Json = "platform.json";
    private const string MessagePack = "platform.msgpack";

    public static async Task<IResult> HandleAsync(HttpContext http, IEventFeed feed, FeedOptions options, TimeProvider clock)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Upgrade = "websocket";
            return UpgradeRequired();
        }

        if (!OriginCheck.IsAllowed(http, options.AllowedOrigins))
        {
            return OriginCheck.Refused(http);
        }

        var offered = http.WebSockets.WebSocketRequestedProtocols;
        var chosen = offered.FirstOrDefault(p => p is Json or MessagePack);
        if (chosen is null && offered.Count > 0)
        {
            return KnownProblems.Validation("Sec-WebSocket-Protocol", "invalid_value",
                offered.All(p => p.StartsWith(WebSocketBearer.Prefix, StringComparison.Ordinal))
                    ? $"Offer {Json} or {MessagePack} beside the token: a browser wants one to be chosen."
                    : $"The sub-protocols are {Json} and {MessagePack}.");
        }

        var (connection, refused) = feed.Open(http, Transport);
        if (connection is null)
        {
            return refused!;
        }

        using (connection)
        {
            StreamUsage.CountNow(http, StatusCodes.Status101SwitchingProtocols);
            Activity.Current = null;
            using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = chosen, KeepAliveInterval = Timeout.InfiniteTimeSpan });
            var session = new SocketSession(socket, connection, chosen == MessagePack ? new MessagePackWire() : new JsonWire(), options, clock);
            await session.RunAsync();
        }

        return Results.Empty;
    }

    public static Problem UpgradeRequired() =>
        new(StatusCodes.Status426UpgradeRequired, "upgrade_required", "This path is a WebSocket", "Open it as a WebSocket; GET /v1/events/stream is the same over plain HTTP.");
}
