using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Authentication;

/// <summary>
/// Browsers cannot set headers on a WebSocket, but offer sub-protocols: <c>platform.bearer.TOKEN</c> beside the real one stands for
/// <c>Authorization: Bearer TOKEN</c>. Unlike in an address, it lands in no log and no history. It is never answered with.
/// </summary>
public static class WebSocketBearer
{
    public const string Prefix = "platform.bearer.";

    /// <summary>Takes the token over as the request's <c>Authorization</c>, unless there is one.</summary>
    internal static void Apply(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (headers.SecWebSocketProtocol.Count == 0 || headers.Authorization.Count > 0)
        {
            return;
        }

        foreach (var protocol in headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol"))
        {
            if (protocol.StartsWith(Prefix, StringComparison.Ordinal))
            {
                headers.Authorization = "Bearer " + protocol[Prefix.Length..];
                return;
            }
        }
    }
}
