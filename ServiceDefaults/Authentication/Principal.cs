using Microsoft.AspNetCore.Http;
using Platform.Contracts.Identifiers;

namespace Platform.ServiceDefaults.Authentication;

/// <summary>Who makes a request, and what they may do.</summary>
/// <param name="TenantId">The organization; every query is limited to it.</param>
/// <param name="KeyId">The API key.</param>
/// <param name="Role">owner, admin, developer or viewer.</param>
/// <param name="Scopes">What the key may do; <c>*</c> for everything its role may.</param>
public sealed record Principal(Guid TenantId, Guid KeyId, string Role, IReadOnlySet<string> Scopes)
{
    /// <summary>Requests a minute that this key may make; null for the default.</summary>
    public int? RateLimit { get; init; }

    /// <summary>The actor as history and audit show it: <c>key_...</c>, or <c>job_...</c> of a job that no key submitted.</summary>
    public string Actor { get; init; } = ActorOf(KeyId);

    /// <summary>Another service of the platform, at work for the organization: its calls are neither limited nor counted as the key's.</summary>
    public bool IsService { get; init; }

    internal static string ActorOf(Guid key) => TypeId.Format(IdPrefix.ApiKey, key);

    /// <summary>True when both the role and the key's scopes allow it.</summary>
    public bool May(string scope) => Roles.Allow(Role, scope) && (Scopes.Contains("*") || Scopes.Contains(scope));
}

/// <summary>The principal of a request, set by authentication.</summary>
public static class PrincipalExtensions
{
    private static readonly object Key = new();

    /// <exception cref="InvalidOperationException">The endpoint is anonymous.</exception>
    public static Principal Principal(this HttpContext http) =>
        http.Items.TryGetValue(Key, out var principal) ? (Principal)principal! : throw new InvalidOperationException("This endpoint has no principal.");

    /// <summary>Null when nobody was authenticated.</summary>
    internal static Principal? FindPrincipal(this HttpContext http) => http.Items.TryGetValue(Key, out var principal) ? (Principal)principal! : null;

    internal static void SetPrincipal(this HttpContext http, Principal principal) => http.Items[Key] = principal;
}
