using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>An event as it is kept for its deliveries.</summary>
internal sealed record Message(Guid TenantId, Guid EventId, string Type, DateTimeOffset OccurredAt, ReadOnlyMemory<byte> Data, string? TraceParent)
{
    /// <summary>What it is about; null where that was not kept.</summary>
    public string? Subject { get; init; }
}

/// <summary>A delivery that is about to be.</summary>
/// <param name="State"><see cref="DeliveryState.Pending"/> or <see cref="DeliveryState.Disabled"/>.</param>
internal sealed record NewDelivery(Guid TenantId, Guid Id, Guid EndpointId, Guid EventId, string State)
{
    /// <summary>Why its first attempt is made.</summary>
    public string Trigger { get; init; } = AttemptTrigger.Event;

    /// <summary>What a pending one waits for outside the queue; null when it enters the queue at once.</summary>
    public string? Reason { get; init; }

    /// <summary>Whose order it keeps; null for none.</summary>
    public string? Subject { get; init; }
}

/// <summary>Statements that put messages and deliveries in, as part of the caller's transaction.</summary>
internal static class DeliveryQueue
{
    public const string Name = "webhooks";

    /// <summary>The work of a delivery; its lane is its endpoint.</summary>
    public static NewWork WorkOf(Guid tenant, Guid delivery, Guid endpoint) => new(delivery, tenant, Name) { Lane = endpoint.ToString("N") };

    public static NpgsqlBatchCommand InsertMessages(IReadOnlyList<Message> messages) =>
        new("""
            INSERT INTO notifications.message (tenant_id, event_id, type, occurred_at, data, traceparent, subject)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bytea[], $6::text[], $7::text[])
            ON CONFLICT DO NOTHING
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. messages.Select(m => m.TenantId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. messages.Select(m => m.EventId)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(m => m.Type)] },
                new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. messages.Select(m => m.OccurredAt)] },
                new() { Value = messages.Select(m => m.Data.ToArray()).ToArray() },
                Texts(messages.Select(m => m.TraceParent)),
                Texts(messages.Select(m => m.Subject)),
            },
        };

    /// <summary>Returns the ids of those that were not there yet. Their order is that of the list.</summary>
    public static NpgsqlBatchCommand InsertDeliveries(IReadOnlyList<NewDelivery> deliveries) =>
        new($"""
            INSERT INTO notifications.delivery (tenant_id, id, endpoint_id, event_id, state, reason, finished_at, subject, position, trigger)
            SELECT tenant_id, id, endpoint_id, event_id, state,
                CASE WHEN state = '{DeliveryState.Disabled}' THEN '{DeliveryReason.EndpointDisabled}' ELSE reason END,
                CASE WHEN state = '{DeliveryState.Disabled}' THEN now() END,
                subject, CASE WHEN subject IS NOT NULL THEN nextval('notifications.delivery_position') END, trigger
            FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])
                WITH ORDINALITY AS u(tenant_id, id, endpoint_id, event_id, state, reason, subject, trigger, ord) ORDER BY ord) d
            ON CONFLICT DO NOTHING RETURNING id
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. deliveries.Select(d => d.TenantId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. deliveries.Select(d => d.Id)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. deliveries.Select(d => d.EndpointId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. deliveries.Select(d => d.EventId)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. deliveries.Select(d => d.State)] },
                Texts(deliveries.Select(d => d.Reason)),
                Texts(deliveries.Select(d => d.Subject)),
                new NpgsqlParameter<string[]> { TypedValue = [.. deliveries.Select(d => d.Trigger)] },
            },
        };

    /// <summary>
    /// Puts pending deliveries that were finished before, or never sent, into the queue, with all their attempts before them. One that keeps an order waits
    /// for those that wait already, and holds up nobody: an old event neither overtakes nor blocks.
    /// </summary>
    /// <param name="isBulk">Fresh events overtake it while it is less than ten minutes older, so neither waits forever.</param>
    public static void Restart(NpgsqlBatch batch, IReadOnlyList<Guid> tenants, IReadOnlyList<Guid> ids, bool isBulk = false)
    {
        batch.BatchCommands.Add(DeliveryOrder.With(tenants, ids, $"""
            UPDATE notifications.delivery d SET tries = 0, released = false, aside = d.subject IS NOT NULL,
                reason = CASE WHEN d.subject IS NOT NULL THEN '{DeliveryReason.WaitingForOrder}' END,
                position = CASE WHEN d.subject IS NOT NULL THEN nextval('notifications.delivery_position') END
            FROM unnest($1::uuid[], $2::uuid[]) AS a(tenant_id, id)
            WHERE d.tenant_id = a.tenant_id AND d.id = a.id AND d.state = '{DeliveryState.Pending}'
            """));
        batch.BatchCommands.Add(DeliveryOrder.With(tenants, ids, $"""
            INSERT INTO notifications.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
            SELECT d.tenant_id, d.id, '{Name}', {LaneOf("d.endpoint_id")}, {(isBulk ? InBulk : AtOnce)}
            FROM unnest($1::uuid[], $2::uuid[]) AS a(tenant_id, id)
            JOIN notifications.delivery d ON d.tenant_id = a.tenant_id AND d.id = a.id AND d.state = '{DeliveryState.Pending}' AND d.subject IS NULL
            """));
        DeliveryOrder.Enter(batch, tenants, ids);
    }

    /// <summary>SQL of priority, state, rank and time of work that is due, as <see cref="WorkOf"/> has it.</summary>
    public const string AtOnce = "0, 1, now(), now()";

    /// <summary>The same for what is sent again in bulk: it is taken as if it had come ten minutes later.</summary>
    private const string InBulk = "0, 1, now() + interval '10 minutes', now()";

    /// <summary>SQL of the lane of an endpoint, as <see cref="WorkOf"/> has it.</summary>
    public static string LaneOf(string endpoint) => $"replace({endpoint}::text, '-', '')";

    private static NpgsqlParameter Texts(IEnumerable<string?> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
