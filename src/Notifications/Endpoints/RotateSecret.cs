using Npgsql;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>
/// <c>POST /v1/webhook-endpoints/{id}:rotate-secret</c>: a new secret, shown here. Webhooks carry the signatures of both for 24
/// hours; a second rotation within that time lets go of the oldest.
/// </summary>
internal static class RotateSecret
{
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await EndpointChange.RunAsync(http, database, clock, write, key, (current, _) => (current, null),
            (transaction, next) =>
            {
                var secret = WebhookSecret.Create();
                var until = Rfc3339.Now(clock) + Overlap;
                transaction.Add(new NpgsqlBatchCommand("""
                    UPDATE notifications.endpoint SET previous_secret = secret, previous_until = $4, secret = $3
                    WHERE tenant_id = $1 AND id = $2
                    """)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant },
                        new NpgsqlParameter<Guid> { TypedValue = next.Id },
                        new NpgsqlParameter<byte[]> { TypedValue = secret.ToColumn() },
                        new NpgsqlParameter<DateTimeOffset> { TypedValue = until },
                    },
                });
                return JsonAnswer.Ok(next.ToJson(secret, until));
            });
    }
}
