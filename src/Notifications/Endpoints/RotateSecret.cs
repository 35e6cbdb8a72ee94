using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>
/// <c>POST /v1/webhook-endpoints/{id}:rotate-secret {secret?}</c>: a new secret, shown here, or one of the caller's own. Webhooks carry the
/// signatures of both for 24 hours; a second rotation within that time lets go of the oldest.
/// </summary>
internal static class RotateSecret
{
    /// <summary>Characters of the longest.</summary>
    public const int MaxText = 128;

    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadOptionalAsync(http);
        if (unreadable is not null)
        {
            return unreadable;
        }

        using (body)
        {
            var text = body?.Fields.OptionalString("secret", MaxText);
            if (body?.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = body is null ? WriteRequest.Of(http) : WriteRequest.Of(http, body.Root);
            WebhookSecret? secret = null;
            return badKey ?? await EndpointChange.RunAsync(http, database, clock, write, key,
                (current, _) =>
                {
                    var scheme = current.Settings.Signature;
                    secret = text is null ? WebhookSecret.Create(scheme) : WebhookSecret.TryParse(scheme, text);
                    return secret is null ? (null, Invalid(scheme)) : (current with { PublicKey = secret.ToPublicText() }, null);
                },
                (transaction, next) =>
                {
                    var until = Rfc3339.Now(clock) + EndpointChange.SecretOverlap;
                    transaction.Add(EndpointRows.ChangeSecret(transaction.Tenant, next.Id, secret!, until));
                    return JsonAnswer.Ok(next.ToJson(secret, until));
                });
        }
    }

    private static Problem Invalid(string scheme) => KnownProblems.Validation("/secret", "invalid_format", scheme == SignatureScheme.Shared
        ? $"'secret' is 'whsec_' and the base64 of {WebhookSecret.MinLength} to {WebhookSecret.MaxLength} bytes."
        : "'secret' is 'whsk_' and the base64 of an ed25519 private key of 32 bytes, or of 64 where its public key follows.");
}
