using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Replays;

/// <summary>Starts deliveries, in the transaction that moves a replay on.</summary>
internal static class ReplayQueue
{
    /// <summary>Returns the ids of what was started. What somebody else has started meanwhile, or cannot be sent, is left as it is.</summary>
    public static async Task<Guid[]> StartAsync(
        NpgsqlConnection connection, string schema, Replay replay, ReplayBit bit, CancellationToken cancellationToken)
    {
        var started = new List<(Guid Id, Guid Endpoint)>();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { StartAnew(replay, [.. bit.Existing]) } };
        if (bit.Missing.Count > 0)
        {
            var endpoint = replay.EndpointId!.Value;
            batch.BatchCommands.Add(DeliveryQueue.InsertDeliveries([.. bit.Missing.Select(e =>
                new NewDelivery(replay.TenantId, DeliveryId.Of(e, endpoint), endpoint, e, DeliveryState.Pending) { Trigger = AttemptTrigger.Replay })]));
        }

        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                started.Add((reader.GetGuid(0), reader.GetGuid(1)));
            }

            if (await reader.NextResultAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    started.Add((reader.GetGuid(0), replay.EndpointId!.Value));
                }
            }
        }

        await using var enqueue = new NpgsqlBatch(connection);
        WorkQueue.EnqueueMany(enqueue, schema, [.. started.Select(s => DeliveryQueue.WorkOf(replay.TenantId, s.Id, s.Endpoint) with { Priority = DeliveryQueue.PastPriority })]);
        if (enqueue.BatchCommands.Count > 0)
        {
            await enqueue.ExecuteNonQueryAsync(cancellationToken);
        }

        return [.. started.Select(s => s.Id)];
    }

    /// <summary>Finished ones only: a pending one is on its way, and its row is its worker's.</summary>
    private static NpgsqlBatchCommand StartAnew(Replay replay, Guid[] ids) =>
        new($"""
            UPDATE notifications.delivery d SET state = '{DeliveryState.Pending}', reason = NULL, next_attempt_at = NULL, finished_at = NULL, trigger = $3
            FROM (SELECT d.id FROM notifications.delivery d
                JOIN notifications.endpoint e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id AND e.disabled_at IS NULL
                WHERE d.tenant_id = $1 AND d.id = ANY ($2) AND d.state <> '{DeliveryState.Pending}' ORDER BY d.id FOR UPDATE OF d) a
            WHERE d.tenant_id = $1 AND d.id = a.id
            RETURNING d.id, d.endpoint_id
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = replay.TenantId },
                new NpgsqlParameter<Guid[]> { TypedValue = ids },
                new NpgsqlParameter<string> { TypedValue = replay.IsRedelivery ? AttemptTrigger.Redeliver : AttemptTrigger.Replay },
            },
        };
}
