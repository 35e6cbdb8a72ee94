using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>A write as idempotency sees it.</summary>
/// <param name="Tenant">The organization that asks.</param>
/// <param name="Route">Method and route pattern: a key is good for one route.</param>
/// <param name="Key">The <c>Idempotency-Key</c>; null when the request came without.</param>
/// <param name="Fingerprint">What must be equal for two requests to be the same.</param>
public sealed record WriteRequest(Guid Tenant, string Route, string? Key, byte[] Fingerprint)
{
    public const string Header = "Idempotency-Key";
    private const int MaxKeyLength = 255;

    /// <summary>Of an authorized request; the body may be undefined where there is none.</summary>
    /// <param name="perCaller">For answers that hold a secret: another caller's key with the same request is another request.</param>
    public static (WriteRequest Write, Problem? Problem) Of(HttpContext http, JsonElement body, bool perCaller = false)
    {
        var (key, problem) = ReadKey(http);
        var tenant = http.Principal().TenantId;
        var route = Routes.GetOrAdd(http);
        return (new(tenant, route, key, key is null ? [] : FingerprintOf(http, body, perCaller)), problem);
    }

    /// <summary>Of an authorized request without a body.</summary>
    public static (WriteRequest Write, Problem? Problem) Of(HttpContext http) => Of(http, default);

    private static byte[] FingerprintOf(HttpContext http, JsonElement body, bool perCaller)
    {
        var fingerprint = Idempotency.Fingerprint.Of(http, body);
        return perCaller ? System.Security.Cryptography.SHA256.HashData([.. fingerprint, .. http.Principal().KeyId.ToByteArray()]) : fingerprint;
    }

    private static (string? Key, Problem? Problem) ReadKey(HttpContext http)
    {
        var header = http.Request.Headers[Header];
        if (header.Count == 0)
        {
            return (null, null);
        }

        var key = header.ToString();
        return header.Count == 1 && key.Length is > 0 and <= MaxKeyLength && key.All(c => c is >= ' ' and <= '~')
            ? (key, null)
            : (null, KnownProblems.IdempotencyKeyInvalid());
    }

    private static class Routes
    {
        private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, string), string> Names = new();

        public static string GetOrAdd(HttpContext http)
        {
            var pattern = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? http.Request.Path.Value ?? "";
            return Names.GetOrAdd((http.Request.Method, pattern), static r => $"{r.Item1} {r.Item2}");
        }
    }
}
