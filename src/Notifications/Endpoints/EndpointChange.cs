using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>What changing an endpoint has in common: lock it, compare <c>If-Match</c>, write the next version.</summary>
internal static class EndpointChange
{
    /// <summary>For how long the secret before a new one signs as well.</summary>
    public static readonly TimeSpan SecretOverlap = TimeSpan.FromHours(24);

    /// <param name="change">Makes the next state of the current one, or says why it cannot be.</param>
    /// <param name="answer">The answer for the new version; may add statements to the transaction.</param>
    public static async Task<IResult> RunAsync(
        HttpContext http, NotificationsDatabase database, TimeProvider clock, WriteRequest write, Guid id,
        Func<WebhookEndpoint, DateTimeOffset, (WebhookEndpoint? Next, Problem? Problem)> change,
        Func<WriteTransaction, WebhookEndpoint, JsonAnswer>? answer = null)
    {
        var (versions, badTag) = ETag.IfMatch(http);
        if (badTag is not null)
        {
            return badTag;
        }

        return await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var current = await EndpointRows.LockAsync(transaction, id, http.RequestAborted);
            if (current is null)
            {
                return EndpointInput.NotFound();
            }

            if (versions is not null && !versions.Contains(current.Version))
            {
                return KnownProblems.VersionMismatch(current.Version);
            }

            var now = Rfc3339.Now(clock);
            var (next, refused) = change(current, now);
            if (next is null)
            {
                return refused!;
            }

            next = next with { Version = current.Version + 1, UpdatedAt = now > current.UpdatedAt ? now : current.UpdatedAt };
            if (next.Settings.Signature != current.Settings.Signature)
            {
                // Another scheme needs another key: a rotation like any other.
                var secret = WebhookSecret.Create(next.Settings.Signature);
                next = next with { PublicKey = secret.ToPublicText() };
                transaction.Add(EndpointRows.ChangeSecret(write.Tenant, id, secret, now + SecretOverlap));
            }

            if (BeginsAnew(current, next))
            {
                next = next with { Health = await EndpointHealthRows.ResetAsync(transaction, next, http.RequestAborted) };
            }

            transaction.Add(EndpointRows.Update(write.Tenant, next));
            return (answer?.Invoke(transaction, next) ?? JsonAnswer.Ok(next.ToJson())) with { EntityTag = ETag.Of(next.Version) };
        }, http.RequestAborted);
    }

    /// <summary>What was known of its health is about another place, or about a time before somebody said that it is well again.</summary>
    private static bool BeginsAnew(WebhookEndpoint current, WebhookEndpoint next) =>
        (current.Disabling is not null && next.Disabling is null) || current.Settings.Url != next.Settings.Url;

    /// <summary>Disabled since now, or still, or not at all.</summary>
    public static Disabling? DisablingOf(bool disabled, Disabling? current, DateTimeOffset now) =>
        disabled ? current ?? new(now, Disabling.Manual) : null;
}
