using Microsoft.Extensions.Options;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Auth.ApiKeys;

/// <summary>
/// <c>POST /v1/api-keys/{id}:rotate {overlap?}</c>: 201 with a new key of the same name, role, scopes, limit and end. The old one works
/// for <c>overlap</c> seconds more (a day by default, 0 revokes it at once).
/// </summary>
internal static class RotateApiKey
{
    private const int Day = 24 * 60 * 60;

    public static async Task<IResult> HandleAsync(string id, HttpContext http, AuthDatabase database, IOptions<AuthOptions> options, TimeProvider clock)
    {
        if (!TypeId.TryParse(IdPrefix.ApiKey, id, out var keyId))
        {
            return KeyProblems.NotFound();
        }

        if (http.Request is { ContentType: null, ContentLength: null or 0 })
        {
            var (bare, badBare) = WriteRequest.Of(http, default, perCaller: true);
            return badBare ?? await RotateAsync(http, database, options, clock, bare, keyId, TimeSpan.FromSeconds(Day));
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var overlap = TimeSpan.FromSeconds(body.Fields.OptionalInt("overlap", 0, 30 * Day) ?? Day);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root, perCaller: true);
            return badKey ?? await RotateAsync(http, database, options, clock, write, keyId, overlap);
        }
    }

    private static Task<IResult> RotateAsync(
        HttpContext http, AuthDatabase database, IOptions<AuthOptions> options, TimeProvider clock, WriteRequest write, Guid keyId, TimeSpan overlap) =>
        Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var caller = http.Principal();
            var old = await ApiKeyRows.LockAsync(transaction, keyId, http.RequestAborted);
            var (strength, refused) = await KeyStrength.OfAsync(transaction, caller, clock, http.RequestAborted);
            if (strength is null)
            {
                return refused!;
            }

            var now = Rfc3339.Now(clock);
            if (old is null || !old.Works(now))
            {
                return old is null ? KeyProblems.NotFound() : KeyProblems.Ended();
            }

            if (strength.Exceeds(old.Role, old.Scopes, old.ExpiresAt) is { } stronger)
            {
                return stronger;
            }

            var (key, text) = ApiKey.New(
                options.Value.KeyEnvironment, old.Name, old.Role, old.Scopes, old.RateLimit, old.ExpiresAt, caller.Actor, clock);
            var ended = End(old, now, overlap);
            transaction.Add(ApiKeyRows.Insert(transaction.Tenant, key));
            transaction.Add(ApiKeyRows.Update(transaction.Tenant, ended, now));
            transaction.Publish(key.Changed(transaction.Tenant, "created", caller.Actor, clock));
            transaction.Publish(ended.Changed(transaction.Tenant, "rotated", caller.Actor, clock));
            return JsonAnswer.Created(key.Location, key.ToJson(text)) with { EntityTag = ETag.Of(key.Version) };
        }, http.RequestAborted);

    private static ApiKey End(ApiKey old, DateTimeOffset now, TimeSpan overlap)
    {
        var end = now + overlap;
        return overlap == TimeSpan.Zero
            ? old with { RevokedAt = now, Version = old.Version + 1 }
            : old with { ExpiresAt = old.ExpiresAt < end ? old.ExpiresAt : end, Version = old.Version + 1 };
    }
}
