using Microsoft.AspNetCore.Http;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Peers;

/// <summary>Other services of the platform, beside API keys. A service goes by the name of its schema.</summary>
internal sealed class ServiceTokenAuthenticator(ServiceTokens tokens, IEnumerable<ServiceDatabase> services) : IAuthenticator
{
    private const string Scheme = "Bearer ";
    private static readonly Problem Refused = KnownProblems.Unauthenticated("The service token is not valid.");
    private readonly HashSet<string> _services = services.Select(s => s.Schema).ToHashSet(StringComparer.Ordinal);

    /// <summary>True for a request that comes with such a token, good or bad.</summary>
    public static bool IsFor(HttpContext http) =>
        http.Request.Headers.Authorization is { Count: 1 } header && header[0]!.StartsWith(Scheme + ServiceTokens.Prefix, StringComparison.OrdinalIgnoreCase);

    public ValueTask<(Principal? Principal, Problem? Problem)> AuthenticateAsync(HttpContext http)
    {
        var principal = tokens.Verify(http.Request.Headers.Authorization[0].AsSpan(Scheme.Length), _services.Contains);
        return new((principal, principal is null ? Refused : null));
    }
}
