using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>An event as it is kept for its deliveries.</summary>
internal sealed record Message(Guid TenantId, Guid EventId, string Type, DateTimeOffset OccurredAt, ReadOnlyMemory<byte> Data, string? TraceParent);

/// <summary>A delivery that is about to be.</summary>
/// <param name="State"><see cref="DeliveryState.Pending"/> or <see cref="DeliveryState.Disabled"/>.</param>
internal sealed record NewDelivery(Guid TenantId, Guid Id, Guid EndpointId, Guid EventId, string State)
{
    /// <summary>Why its first attempt is made.</summary>
    public string Trigger { get; init; } = AttemptTrigger.Event;
}

/// <summary>Statements that put messages and deliveries in, as part of the caller's transaction.</summary>
internal static class DeliveryQueue
{
    public const string Name = "webhooks";

    /// <summary>Of what is sent again in bulk: fresh events overtake it while it is less than ten minutes older, so neither waits forever.</summary>
    public const int PastPriority = 0;

    private const int FreshPriority = 1;

    /// <summary>The work of a delivery; its lane is its endpoint.</summary>
    public static NewWork WorkOf(Guid tenant, Guid delivery, Guid endpoint) =>
        new(delivery, tenant, Name) { Lane = endpoint.ToString("N"), Priority = FreshPriority };

    public static NpgsqlBatchCommand InsertMessages(IReadOnlyList<Message> messages) =>
        new("""
            INSERT INTO notifications.message (tenant_id, event_id, type, occurred_at, data, traceparent)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bytea[], $6::text[])
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
                new() { Value = messages.Select(m => m.TraceParent).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };

    /// <summary>Returns the ids of those that were not there yet.</summary>
    public static NpgsqlBatchCommand InsertDeliveries(IReadOnlyList<NewDelivery> deliveries) =>
        new($"""
            INSERT INTO notifications.delivery (tenant_id, id, endpoint_id, event_id, state, trigger, reason, finished_at)
            SELECT tenant_id, id, endpoint_id, event_id, state, trigger,
                CASE WHEN state = '{DeliveryState.Disabled}' THEN '{DeliveryReason.EndpointDisabled}' END,
                CASE WHEN state = '{DeliveryState.Disabled}' THEN now() END
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
                AS d(tenant_id, id, endpoint_id, event_id, state, trigger)
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
                new NpgsqlParameter<string[]> { TypedValue = [.. deliveries.Select(d => d.Trigger)] },
            },
        };
}
