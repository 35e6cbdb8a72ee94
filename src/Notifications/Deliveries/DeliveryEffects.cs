using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>What finished turns change: the deliveries, the attempt log, endpoints that are gone, and the events about it. One statement each.</summary>
internal static class DeliveryEffects
{
    private const NpgsqlDbType Array = NpgsqlDbType.Array;

    public static void Write(
        NpgsqlBatch batch, string schema, IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> turns, WebhookOptions options, TimeProvider clock)
    {
        var held = turns.Where(f => f.Outcome.Result == DeliveryOutcome.Held).ToArray();
        var finished = turns.Where(f => f.Outcome.Result != DeliveryOutcome.Held).ToArray();
        var attempts = finished.Where(f => f.Outcome.Result.Attempt is not null).ToArray();
        HealthEffects.Write(batch, attempts, held, options);
        var gone = attempts.Where(f => f.Outcome.Result.Attempt!.Error == AttemptError.Gone).ToArray();
        if (gone.Length > 0)
        {
            batch.BatchCommands.Add(DisableEndpoints(gone));
        }

        if (held.Length > 0)
        {
            HeldDeliveries.Hold(batch, [.. held.Select(f => f.Item.TenantId)], [.. held.Select(f => f.Item.Id)], [.. held.Select(f => f.Work.EndpointId)],
                [.. held.Select(f => f.Work.Tries + f.Item.Attempt - 1)]);
        }

        if (finished.Length == 0)
        {
            return;
        }

        batch.BatchCommands.Add(UpdateDeliveries(finished));
        if (attempts.Length > 0)
        {
            batch.BatchCommands.Add(AttemptRows.Insert([.. attempts.Select(f => new LoggedAttempt(
                f.Item.TenantId, f.Item.Id, NumberOf(f), f.Work.Destination!.Url, f.Work.Trigger, f.Outcome.Result.Attempt!))]));
        }

        var ended = finished.Where(f => f.Work.IsOrdered && f.Outcome.Result.State != DeliveryState.Pending).ToArray();
        if (ended.Length > 0)
        {
            DeliveryOrder.Leave(batch, [.. ended.Select(f => f.Item.TenantId)], [.. ended.Select(f => f.Item.Id)]);
        }

        OutboxWriter.AppendMany(batch, schema, [.. finished.Select(f => EventOf(f, schema, clock))]);
    }

    private static NpgsqlBatchCommand UpdateDeliveries(IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> finished) =>
        new($"""
            UPDATE notifications.delivery d SET state = o.state, reason = o.reason, attempts = o.attempts, released = false,
                trigger = CASE WHEN o.at IS NULL THEN d.trigger ELSE '{AttemptTrigger.Retry}' END,
                last_attempt_at = coalesce(o.at, d.last_attempt_at),
                next_attempt_at = CASE WHEN o.state = '{DeliveryState.Pending}' THEN now() + o.delay END,
                finished_at = CASE WHEN o.state <> '{DeliveryState.Pending}' THEN now() END
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::interval[])
                AS o(tenant_id, id, state, reason, attempts, at, delay)
            WHERE d.tenant_id = o.tenant_id AND d.id = o.id
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. finished.Select(f => f.Item.TenantId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. finished.Select(f => f.Item.Id)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. finished.Select(f => f.Outcome.Result.State)] },
                new() { Value = finished.Select(f => f.Outcome.Result.Reason).ToArray(), NpgsqlDbType = Array | NpgsqlDbType.Text },
                new NpgsqlParameter<int[]> { TypedValue = [.. finished.Select(NumberOf)] },
                new() { Value = finished.Select(f => f.Outcome.Result.Attempt?.At).ToArray(), NpgsqlDbType = Array | NpgsqlDbType.TimestampTz },
                new NpgsqlParameter<TimeSpan[]> { TypedValue = [.. finished.Select(f => f.Outcome.Delay)] },
            },
        };

    private static NpgsqlBatchCommand DisableEndpoints(IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> gone) =>
        new($"""
            UPDATE notifications.endpoint e SET disabled_at = now(), disabled_reason = '{Disabling.Gone}', unannounced = true, care_at = now(), version = version + 1, updated_at = now()
            FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS g(tenant_id, id)) g
            WHERE e.tenant_id = g.tenant_id AND e.id = g.id AND e.disabled_at IS NULL
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. gone.Select(f => f.Item.TenantId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. gone.Select(f => f.Work.EndpointId)] },
            },
        };

    private static OutboxMessage EventOf(FinishedWork<DeliveryWork, DeliveryOutcome> finished, string schema, TimeProvider clock)
    {
        var id = DeliveryId.Format(finished.Item.Id);
        var (state, reason, attempt) = finished.Outcome.Result;
        return state == DeliveryState.Succeeded
            ? OutboxMessage.Create(schema, finished.Item.TenantId, id, new WebhookDeliverySucceeded
            {
                Id = id,
                EndpointId = TypeId.Format(IdPrefix.WebhookEndpoint, finished.Work.EndpointId),
                EventId = TypeId.Format(IdPrefix.Event, finished.Work.EventId),
                EventType = finished.Work.EventType,
                Attempt = NumberOf(finished),
                Final = true,
                StatusCode = attempt?.Status,
                DurationMs = attempt?.Duration.TotalMilliseconds,
            }, clock)
            : OutboxMessage.Create(schema, finished.Item.TenantId, id, new WebhookDeliveryFailed
            {
                Id = id,
                EndpointId = TypeId.Format(IdPrefix.WebhookEndpoint, finished.Work.EndpointId),
                EventId = TypeId.Format(IdPrefix.Event, finished.Work.EventId),
                EventType = finished.Work.EventType,
                Attempt = NumberOf(finished),
                Final = state == DeliveryState.Failed,
                StatusCode = attempt?.Status,
                Error = attempt?.Error ?? reason,
                DurationMs = attempt?.Duration.TotalMilliseconds,
            }, clock);
    }

    /// <summary>Attempts over all redeliveries, this one included where something was sent.</summary>
    private static int NumberOf(FinishedWork<DeliveryWork, DeliveryOutcome> finished) =>
        finished.Work.Attempts + (finished.Outcome.Result.Attempt is null ? 0 : 1);
}
