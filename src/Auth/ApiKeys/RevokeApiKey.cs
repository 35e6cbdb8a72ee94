using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Auth.ApiKeys;

/// <summary>
/// <c>DELETE /v1/api-keys/{id}</c>: 204, also for a key that was revoked before. Every service refuses the key within a second. The
/// last key that could make owners is refused with 409: nobody could get in any more.
/// </summary>
internal static class RevokeApiKey
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, AuthDatabase database, TimeProvider clock)
    {
        if (!TypeId.TryParse(IdPrefix.ApiKey, id, out var keyId))
        {
            return KeyProblems.NotFound();
        }

        var (versions, badTag) = ETag.IfMatch(http);
        var (write, badKey) = WriteRequest.Of(http);
        return badTag ?? badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var caller = http.Principal();
            var key = await ApiKeyRows.LockAsync(transaction, keyId, http.RequestAborted);
            var (strength, refused) = await KeyStrength.OfAsync(transaction, caller, clock, http.RequestAborted);
            if (strength is null)
            {
                return refused!;
            }

            if (key is null)
            {
                return KeyProblems.NotFound();
            }

            if (versions?.Contains(key.Version) == false)
            {
                return KnownProblems.VersionMismatch(key.Version);
            }

            if (key.RevokedAt is not null)
            {
                return JsonAnswer.NoContent();
            }

            if (strength.Exceeds(key.Role, [], strength.ExpiresAt) is { } stronger)
            {
                return stronger;
            }

            var now = Rfc3339.Now(clock);
            if (key.Role == Roles.Owner && key.Works(now) && !await HasOtherOwnerAsync(transaction, keyId, now, http.RequestAborted))
            {
                return KeyProblems.LastOwner();
            }

            var revoked = key with { RevokedAt = now, Version = key.Version + 1 };
            transaction.Add(ApiKeyRows.Update(transaction.Tenant, revoked, now));
            transaction.Publish(revoked.Changed(transaction.Tenant, "revoked", caller.Actor, clock));
            return JsonAnswer.NoContent();
        }, http.RequestAborted);
    }

    private static async Task<bool> HasOtherOwnerAsync(WriteTransaction transaction, Guid keyId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Command("""
            SELECT EXISTS (
                SELECT FROM auth.api_key
                WHERE tenant_id = $1 AND id <> $2 AND role = 'owner' AND scopes && ARRAY['*', 'keys.write']
                    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3))
            """,
            transaction.Tenant, keyId, now);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
