using Npgsql;
using Platform.Notifications.Deliveries;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary><c>DELETE /v1/webhook-endpoints/{id}</c>: 204. Its secret is gone at once; deliveries that wait for it fail with that reason.</summary>
internal static class DeleteEndpoint
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        var (versions, badTag) = ETag.IfMatch(http);
        if ((badKey ?? badTag) is { } problem)
        {
            return problem;
        }

        return await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var current = await EndpointRows.LockAsync(transaction, key, http.RequestAborted);
            if (current is null)
            {
                return EndpointInput.NotFound();
            }

            if (versions is not null && !versions.Contains(current.Version))
            {
                return KnownProblems.VersionMismatch(current.Version);
            }

            // Those that were held back have nothing to wait for any more.
            await using var release = new NpgsqlBatch(transaction.Connection) { BatchCommands = { HeldDeliveries.Release(transaction.Tenant, key, int.MaxValue) } };
            await release.ExecuteNonQueryAsync(http.RequestAborted);
            await using var delete = transaction.Command(
                "DELETE FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2", transaction.Tenant, key);
            await delete.ExecuteNonQueryAsync(http.RequestAborted);
            return JsonAnswer.NoContent();
        }, http.RequestAborted);
    }
}
