using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>
/// Whose pages may open the WebSocket: browsers let any page try, and only say in <c>Origin</c> which one it is. Clients that are no browsers send none.
/// </summary>
internal static class OriginCheck
{
    /// <summary>
    /// True without an origin, for the API's own and for allowed ones. Its own is compared by host and port: whether the caller came by https is known to the proxy in front only.
    /// </summary>
    public static bool IsAllowed(HttpContext http, IReadOnlyList<string> allowed)
    {
        var origins = http.Request.Headers.Origin;
        return origins.Count == 0
            || (origins.Count == 1 && Uri.TryCreate(origins[0], UriKind.Absolute, out var origin) && origin.Scheme is "http" or "https"
                && (string.Equals(origin.Authority, http.Request.Host.Value, StringComparison.OrdinalIgnoreCase)
                    || allowed.Any(a => string.Equals(a.TrimEnd('/'), origins[0], StringComparison.OrdinalIgnoreCase))));
    }

    public static Problem Refused(HttpContext http) =>
        new(StatusCodes.Status403Forbidden, "origin_not_allowed", "The origin is not allowed", $"Pages of '{http.Request.Headers.Origin}' may not open this WebSocket; Feed:AllowedOrigins says which may.");
}
