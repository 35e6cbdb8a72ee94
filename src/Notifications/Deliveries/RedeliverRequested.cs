using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// The group <c>notifications.redeliveries</c>: deliveries that were given up start anew when their dead letters are redriven. One that cannot
/// (its endpoint is gone or disabled, or it is not kept any more) fails again at once, so whoever asked learns it.
/// </summary>
internal sealed class RedeliverRequested(WorkSignal<NotificationsDatabase> work, TimeProvider clock) : IEventHandler
{
    public const string Group = "notifications.redeliveries";

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var asked = batch.Events
            .Select(e => (Tenant: e.TenantId, Data: e.Read<WebhookRedeliveryRequested>()))
            .Select(a => (a.Tenant, a.Data, Id: DeliveryId.TryParse(a.Data.Id, out var id) ? id : throw new PoisonEventException("The id is none of a delivery.")))
            .DistinctBy(a => (a.Tenant, a.Id)).ToArray();
        var states = await StartAnewAsync(batch.Connection, [.. asked.Select(a => a.Tenant)], [.. asked.Select(a => a.Id)], cancellationToken);
        var started = states.Where(s => s.Value.Started).Select(s => s.Key).ToArray();
        if (started.Length > 0)
        {
            await using var enqueue = new NpgsqlBatch(batch.Connection);
            DeliveryQueue.Restart(enqueue, [.. started.Select(s => s.Tenant)], [.. started.Select(s => s.Id)]);
            await enqueue.ExecuteNonQueryAsync(cancellationToken);
            batch.AfterCommit(work.Set);
        }

        foreach (var (tenant, data, id) in asked)
        {
            var (state, attempts, problem) = states.TryGetValue((tenant, id), out var found)
                ? (found.State, found.Attempts, found.Problem)
                : (DeliveryState.Failed, 0, DeliveryReason.MessageExpired);
            if (state == DeliveryState.Succeeded)
            {
                batch.Publish(OutboxMessage.Create(NotificationsDatabase.Name, tenant, data.Id, new WebhookDeliverySucceeded
                {
                    Id = data.Id, EndpointId = data.EndpointId, EventId = data.EventId, EventType = data.EventType, Attempt = attempts, Final = true,
                }, clock));
            }
            else if (state != DeliveryState.Pending)
            {
                batch.Publish(OutboxMessage.Create(NotificationsDatabase.Name, tenant, data.Id, new WebhookDeliveryFailed
                {
                    Id = data.Id, EndpointId = data.EndpointId, EventId = data.EventId, EventType = data.EventType, Attempt = attempts, Final = true, Error = problem,
                }, clock));
            }
        }
    }

    /// <summary>Makes the deliveries pending that can be. Returns what is known of each that is there, as it was read together with the change.</summary>
    private static async Task<Dictionary<(Guid Tenant, Guid Id), Found>> StartAnewAsync(
        NpgsqlConnection connection, Guid[] tenants, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var update = new NpgsqlCommand($"""
            WITH asked AS (
                SELECT d.tenant_id, d.id, d.endpoint_id, d.state, d.attempts,
                    CASE WHEN e.id IS NULL THEN '{DeliveryReason.EndpointDeleted}' WHEN e.disabled_at IS NOT NULL THEN '{DeliveryReason.EndpointDisabled}'
                        WHEN m.event_id IS NULL THEN '{DeliveryReason.MessageExpired}' END AS problem
                FROM unnest($1::uuid[], $2::uuid[]) AS a(tenant_id, id)
                JOIN notifications.delivery d ON d.tenant_id = a.tenant_id AND d.id = a.id
                LEFT JOIN notifications.endpoint e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
                LEFT JOIN notifications.message m ON m.tenant_id = d.tenant_id AND m.event_id = d.event_id
                FOR UPDATE OF d
            ), started AS (
                UPDATE notifications.delivery d SET state = '{DeliveryState.Pending}', reason = NULL, next_attempt_at = NULL, finished_at = NULL
                FROM asked a
                WHERE d.tenant_id = a.tenant_id AND d.id = a.id AND a.problem IS NULL AND a.state IN ('{DeliveryState.Failed}', '{DeliveryState.Disabled}')
                RETURNING d.tenant_id, d.id
            )
            SELECT a.tenant_id, a.id, a.endpoint_id, a.state, a.attempts, a.problem, s.id IS NOT NULL
            FROM asked a LEFT JOIN started s ON s.tenant_id = a.tenant_id AND s.id = a.id
            """, connection)
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = tenants }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        };
        await using var reader = await update.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<(Guid, Guid), Found>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var started = reader.GetBoolean(6);
            found[(reader.GetGuid(0), reader.GetGuid(1))] = new(
                reader.GetGuid(2), started ? DeliveryState.Pending : reader.GetString(3), reader.GetInt32(4), reader.IsDBNull(5) ? null : reader.GetString(5), started);
        }

        return found;
    }

    private sealed record Found(Guid Endpoint, string State, int Attempts, string? Problem, bool Started);
}
