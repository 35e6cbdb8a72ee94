using Platform.Contracts.Identifiers;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>
/// <c>POST /v1/webhook-endpoints {url, event_types?, labels?, filter?, description?, rate_limit?, timeout?, ordering?, payload?, signature?, headers?,
/// disabled?}</c>: 201, with the secret, which is shown here and when it is rotated; of a signature by public key the document shows that key instead.
/// </summary>
internal static class CreateEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var settings = EndpointInput.Read(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var now = Rfc3339.Now(clock);
            var secret = WebhookSecret.Create(settings.Signature);
            var endpoint = new WebhookEndpoint(
                TypeId.New(clock), settings, EndpointChange.DisablingOf(settings.Disabled, null, now), Version: 1, now, now)
            {
                PublicKey = secret.ToPublicText(),
            };
            var answer = JsonAnswer.Created(endpoint.Location, endpoint.ToJson(secret)) with { EntityTag = ETag.Of(1) };
            return await Writes.ExecuteAsync(database, write, answer,
                batch => batch.BatchCommands.Add(EndpointRows.Insert(write.Tenant, endpoint, secret)), http.RequestAborted);
        }
    }
}
