using System.Buffers;

namespace Platform.Notifications.Endpoints;

/// <summary>Which headers a caller may add to its webhooks: none that carries the message, the signature or the connection.</summary>
internal static class CustomHeader
{
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect", "user-agent", "date", "via",
        "traceparent", "tracestate", "baggage", "request-id", "correlation-context",
    };

    private static readonly string[] ReservedPrefixes = ["webhook-", "content-", "proxy-", "accept-encoding"];

    /// <summary>Null when it may be added, else why not.</summary>
    public static string? WhyNot(string name, string value)
    {
        if (name.AsSpan().ContainsAnyExcept(Token))
        {
            return $"'{name}' is not a header name.";
        }

        if (Reserved.Contains(name) || ReservedPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
        {
            return $"'{name}' is set by the platform.";
        }

        return value.All(c => c is >= ' ' and <= '~' or '\t') && value.Trim().Length == value.Length
            ? null
            : $"The value of '{name}' must be printable ASCII without white space around it.";
    }
}
