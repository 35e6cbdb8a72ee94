using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;

namespace Platform.Auth.ApiKeys;

/// <summary>What the caller's own key may: the bound of every key that it makes.</summary>
/// <param name="Role">Its role.</param>
/// <param name="Scopes">Its scopes.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
internal sealed record KeyStrength(string Role, IReadOnlySet<string> Scopes, DateTimeOffset? ExpiresAt)
{
    /// <summary>
    /// Of the caller, as its key is in this very transaction: a key that was revoked a moment ago, and is still remembered
    /// somewhere, makes no new one.
    /// </summary>
    public static async Task<(KeyStrength? Strength, Problem? Problem)> OfAsync(
        WriteTransaction transaction, Principal caller, TimeProvider clock, CancellationToken cancellationToken)
    {
        var key = await ApiKeyRows.HoldAsync(transaction, caller.KeyId, cancellationToken);
        return key is not null && key.Works(clock.GetUtcNow())
            ? (new(key.Role, key.Scopes.ToHashSet(StringComparer.Ordinal), key.ExpiresAt), null)
            : (null, KeyProblems.CallerRevoked());
    }

    /// <summary>Why a key of this role, these scopes and this end would be stronger; null when it is not.</summary>
    public Problem? Exceeds(string role, IReadOnlyCollection<string> scopes, DateTimeOffset? expiresAt)
    {
        if (Rank(role) > Rank(Role))
        {
            return KeyProblems.Stronger($"the role '{role}'");
        }

        if (!Scopes.Contains("*") && scopes.FirstOrDefault(s => !Scopes.Contains(s)) is { } scope)
        {
            return KeyProblems.Stronger($"the scope '{scope}'");
        }

        return ExpiresAt is { } end && (expiresAt is null || expiresAt > end) ? KeyProblems.Stronger("a life that is longer than its own") : null;
    }

    /// <summary>The role of a new key that names none: developer, or admin where the scopes ask for what only an admin may; never more than the caller's.</summary>
    public string DefaultRole(IReadOnlyCollection<string> scopes)
    {
        var needed = scopes.All(s => s == "*" || Roles.Allow(Roles.Developer, s)) ? Roles.Developer : Roles.Admin;
        return Rank(needed) > Rank(Role) ? Role : needed;
    }

    private static int Rank(string role)
    {
        for (var i = 0; i < Roles.All.Count; i++)
        {
            if (Roles.All[i] == role)
            {
                return Roles.All.Count - i;
            }
        }

        return 0;
    }
}
