using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Platform.ServiceDefaults.Outbound;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>
/// <c>{method?, url, headers?, body?}</c>: <c>method</c> is GET where it is left out; <c>body</c> is sent as it is when it is a string and as JSON
/// otherwise. Where a trigger added <c>event</c> and there is no body, the event is the body of a method that has one.
/// </summary>
internal sealed record HttpRequestPayload
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    // The connection's own business.
    private static readonly HashSet<string> Reserved = new(
        ["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect", "proxy-connection", "proxy-authorization"],
        StringComparer.OrdinalIgnoreCase);

    public string? Method { get; init; }
    public required string Url { get; init; }
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
    public JsonElement Body { get; init; }
    public JsonElement Event { get; init; }

    public static void Check(JsonFields payload)
    {
        if (payload.OptionalString("method", 16) is { } method && !Methods.Contains(method, StringComparer.Ordinal))
        {
            payload.Fault("method", "invalid_value", $"'method' is one of {string.Join(", ", Methods)}.");
        }

        if (payload.RequiredString("url", 2048) is { Length: > 0 } url && !OutboundHttp.TryParseUrl(url, out _))
        {
            payload.Fault("url", "invalid_format", "'url' must be an absolute http or https address without user information.");
        }

        foreach (var (name, value) in payload.OptionalStringMap("headers", maxEntries: 32, maxKey: 128, maxValue: 4096))
        {
            if (Reserved.Contains(name) || !name.All(IsToken) || value.Any(c => c is < ' ' and not '\t' or > '~'))
            {
                payload.Fault("headers", "invalid_value", $"The header '{name}' cannot be set, or is not a valid header.");
            }
        }

        payload.OptionalValue("body");
    }

    /// <summary>The request of one attempt.</summary>
    /// <param name="job"><c>job_...</c></param>
    public HttpRequestMessage ToRequest(string job)
    {
        var method = Method ?? "GET";
        var request = new HttpRequestMessage(new HttpMethod(method), Url);
        var body = IsAbsent(Body) && method is ("POST" or "PUT" or "PATCH") ? Event : Body;
        if (!IsAbsent(body))
        {
            var isText = body.ValueKind == JsonValueKind.String;
            request.Content = new ByteArrayContent(isText ? Encoding.UTF8.GetBytes(body.GetString()!) : JsonBytes.Compact(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(isText ? "text/plain" : "application/json") { CharSet = isText ? "utf-8" : null };
        }

        // The same for every attempt, so that the other side can tell a second one from a second job.
        request.Headers.TryAddWithoutValidation("Idempotency-Key", job);
        request.Headers.TryAddWithoutValidation("User-Agent", "Platform-Jobs/1");
        foreach (var (name, value) in Headers ?? new Dictionary<string, string>())
        {
            Set(request, name, value);
        }

        return request;
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        if (!request.Headers.TryAddWithoutValidation(name, value) && request.Content is { } content)
        {
            content.Headers.Remove(name);
            content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    private static bool IsToken(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
}
