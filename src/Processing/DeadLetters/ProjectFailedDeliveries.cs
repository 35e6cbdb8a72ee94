using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;

namespace Platform.Processing.DeadLetters;

/// <summary>
/// The group <c>processing.failed_deliveries</c>: webhook deliveries that were given up, in the same list. The events of one delivery come in
/// their order; the last word in a batch counts. A letter has its delivery's UUID.
/// </summary>
internal sealed class ProjectFailedDeliveries : IEventHandler
{
    public const string Group = "processing.failed_deliveries";

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var last = batch.Events.Select(Read).OfType<Outcome>().GroupBy(o => (o.Tenant, o.Id)).Select(g => g.Last()).ToArray();
        var failed = last.Where(o => o.Failed is not null).ToArray();
        await using var statements = new NpgsqlBatch(batch.Connection);
        if (failed.Length > 0)
        {
            statements.BatchCommands.Add(Upsert(failed));
        }

        var delivered = last.Where(o => o.Failed is null).ToArray();
        if (delivered.Length > 0)
        {
            statements.BatchCommands.Add(Remove(delivered));
        }

        if (statements.BatchCommands.Count > 0)
        {
            await statements.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Null for an attempt that another one follows.</summary>
    private static Outcome? Read(ReceivedEvent received)
    {
        if (!TypeId.TryParse(IdPrefix.Delivery, received.Subject, out var id))
        {
            throw new PoisonEventException("The subject is not the id of a delivery.");
        }

        if (received.Type == EventTypes.WebhookDeliverySucceeded)
        {
            return new(received.TenantId, id, received, null);
        }

        var failed = received.Read<WebhookDeliveryFailed>();
        return failed.Final ? new(received.TenantId, id, received, failed) : null;
    }

    private static NpgsqlBatchCommand Upsert(Outcome[] failed) =>
        new($"""
            INSERT INTO processing.letter AS l (tenant_id, id, source, state, deaths, died_at, reason, attempts, type, subject, event_id, headers,
                payload, payload_size)
            SELECT tenant_id, id, '{LetterSource.Webhooks}', '{LetterState.Dead}', 1, died_at, reason, attempts, type, subject, event_id, '{"{}"}',
                payload, length(payload)
            FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::int[], $6::text[], $7::text[], $8::uuid[], $9::bytea[])
                AS n(tenant_id, id, died_at, reason, attempts, type, subject, event_id, payload)
            ON CONFLICT (tenant_id, id) DO UPDATE SET
                state = excluded.state, deaths = l.deaths + 1, died_at = excluded.died_at, reason = excluded.reason, attempts = excluded.attempts,
                headers = excluded.headers, payload = excluded.payload, payload_size = excluded.payload_size, changed_at = now()
            """)
        {
            Parameters =
            {
                Values(failed, o => o.Tenant), Values(failed, o => o.Id), Values(failed, o => o.Event.Time.ToUniversalTime()),
                Values(failed, o => o.Failed!.Error ?? $"status {o.Failed.StatusCode}"), Values(failed, o => o.Failed!.Attempt),
                Values(failed, o => o.Failed!.EventType), Values(failed, o => o.Failed!.Id),
                Values(failed, o => TypeId.TryParse(IdPrefix.Event, o.Failed!.EventId, out var id) ? id : throw new PoisonEventException("event_id is none of an event.")),
                Values(failed, o => o.Event.Record.Payload),
            },
        };

    private static NpgsqlBatchCommand Remove(Outcome[] delivered) =>
        new($"""
            DELETE FROM processing.letter l USING unnest($1::uuid[], $2::uuid[]) AS d(tenant_id, id)
            WHERE l.tenant_id = d.tenant_id AND l.id = d.id AND l.source = '{LetterSource.Webhooks}'
            """)
        {
            Parameters = { Values(delivered, o => o.Tenant), Values(delivered, o => o.Id) },
        };

    private static NpgsqlParameter<T[]> Values<T>(Outcome[] items, Func<Outcome, T> select) => new() { TypedValue = Array.ConvertAll(items, i => select(i)) };

    private sealed record Outcome(Guid Tenant, Guid Id, ReceivedEvent Event, WebhookDeliveryFailed? Failed);
}
