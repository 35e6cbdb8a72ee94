using Npgsql;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Replays;

/// <summary>Starts deliveries, in the transaction that moves a replay on.</summary>
internal static class ReplayQueue
{
    /// <summary>Returns the ids of what was started. What somebody else has started meanwhile, or cannot be sent, is left as it is.</summary>
    public static async Task<Guid[]> StartAsync(
        NpgsqlConnection connection, Replay replay, ReplayBit bit, CancellationToken cancellationToken)
    {
        var started = new List<Guid>();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { StartAnew(replay, [.. bit.Existing]) } };
        if (bit.Missing.Count > 0)
        {
            var endpoint = replay.EndpointId!.Value;
            batch.BatchCommands.Add(DeliveryQueue.InsertDeliveries([.. bit.Missing.Select(m =>
                new NewDelivery(replay.TenantId, DeliveryId.Of(m.EventId, endpoint), endpoint, m.EventId, DeliveryState.Pending)
                {
                    Trigger = AttemptTrigger.Replay, Subject = m.Subject,
                })]));
        }

        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                started.Add(reader.GetGuid(0));
            }

            if (await reader.NextResultAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    started.Add(reader.GetGuid(0));
                }
            }
        }

        if (started.Count > 0)
        {
            await using var enqueue = new NpgsqlBatch(connection);
            DeliveryQueue.Restart(enqueue, [.. started.Select(_ => replay.TenantId)], started, isBulk: true);
            await enqueue.ExecuteNonQueryAsync(cancellationToken);
        }

        return [.. started];
    }

    /// <summary>Finished ones only: a pending one is on its way, and its row is its worker's.</summary>
    private static NpgsqlBatchCommand StartAnew(Replay replay, Guid[] ids) =>
        new($"""
            UPDATE notifications.delivery d SET state = '{DeliveryState.Pending}', reason = NULL, next_attempt_at = NULL, finished_at = NULL, trigger = $3
            FROM (SELECT d.id FROM notifications.delivery d
                JOIN notifications.endpoint e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id AND e.disabled_at IS NULL
                WHERE d.tenant_id = $1 AND d.id = ANY ($2) AND d.state <> '{DeliveryState.Pending}' ORDER BY d.id FOR UPDATE OF d) a
            WHERE d.tenant_id = $1 AND d.id = a.id
            RETURNING d.id
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
