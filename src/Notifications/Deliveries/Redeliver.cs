using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// <c>POST /v1/deliveries/{id}:redeliver</c>: 202. A finished delivery starts anew, with all its retries and the same
/// <c>webhook-id</c>; one that waits for its next attempt is tried at once.
/// </summary>
internal static class Redeliver
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, NotificationsDatabase database, WorkSignal<NotificationsDatabase> work)
    {
        if (!DeliveryId.TryParse(id, out var key))
        {
            return Delivery.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var current = await LockAsync(transaction, database.Schema, key, http.RequestAborted);
            if (current is not { } found)
            {
                return Delivery.NotFound();
            }

            var (delivery, endpointExists, isDisabled) = found;
            if (!endpointExists)
            {
                return EndpointDeleted();
            }

            if (isDisabled)
            {
                return TestEndpoint.IsDisabled();
            }

            transaction.AfterCommit(work.Set);
            if (delivery.State == DeliveryState.Pending)
            {
                transaction.Add(Asked(transaction.Tenant, key));
            }

            return delivery.State == DeliveryState.Pending
                ? TestEndpoint.Accepted(delivery)
                : TestEndpoint.Accepted(await StartAnewAsync(transaction, database.Schema, delivery, http.RequestAborted));
        }, http.RequestAborted);
    }

    public static Problem EndpointDeleted() =>
        new(StatusCodes.Status409Conflict, "endpoint_deleted", "The endpoint was deleted", "There is no endpoint to deliver to any more.");

    /// <summary>The attempt that comes next is one that a caller asked for.</summary>
    private static NpgsqlBatchCommand Asked(Guid tenant, Guid id) =>
        new($"UPDATE notifications.delivery SET trigger = '{AttemptTrigger.Redeliver}' WHERE tenant_id = $1 AND id = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };

    /// <summary>The work item is locked before the delivery, as workers do it.</summary>
    private static async Task<(Delivery Delivery, bool EndpointExists, bool IsDisabled)?> LockAsync(
        WriteTransaction transaction, string schema, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection)
        {
            BatchCommands =
            {
                WorkQueue.MakeReady(schema, transaction.Tenant, id),
                new($"""
                    SELECT {Delivery.Columns}, e.id IS NOT NULL, e.disabled_at IS NOT NULL FROM {Delivery.Tables}
                    LEFT JOIN notifications.endpoint e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
                    WHERE d.tenant_id = $1 AND d.id = $2 FOR UPDATE OF d
                    """)
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (Delivery.Read(reader), reader.GetBoolean(11), reader.GetBoolean(12)) : null;
    }

    private static async Task<Delivery> StartAnewAsync(
        WriteTransaction transaction, string schema, Delivery delivery, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection)
        {
            BatchCommands =
            {
                new($"""
                    UPDATE notifications.delivery SET state = '{DeliveryState.Pending}', reason = NULL, next_attempt_at = NULL, finished_at = NULL,
                        trigger = '{AttemptTrigger.Redeliver}'
                    WHERE tenant_id = $1 AND id = $2
                    """)
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant }, new NpgsqlParameter<Guid> { TypedValue = delivery.Id } },
                },
            },
        };
        DeliveryQueue.Restart(batch, [transaction.Tenant], [delivery.Id]);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return delivery with { State = DeliveryState.Pending, Reason = null, NextAttemptAt = null, FinishedAt = null };
    }
}
