using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.DeadLetters;

/// <summary>Asks the services that gave letters up to try again, in the caller's transaction: the letters are <c>redriving</c> from its commit on.</summary>
internal static class RedriveRequests
{
    /// <summary>Marks dead letters of one tenant, those of one partition in the order of their offsets, and publishes the requests.</summary>
    /// <returns>The letters as they are now, and whether the filter holds more.</returns>
    public static async Task<(List<Letter> Taken, bool HasMore)> TakeAsync(
        WriteTransaction transaction, Guid tenant, LetterFilter filter, int limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var update = transaction.Command("");
        var where = filter.LettersWhere(tenant, update.Parameters);
        update.CommandText = $"""
            WITH meant AS (
                SELECT d.tenant_id, d.id FROM processing.letter d WHERE {where} AND d.state = '{LetterState.Dead}'
                ORDER BY d.topic, d.partition, d.stream_offset, d.consumer_group LIMIT {LetterFilter.Bind(update.Parameters, limit)} FOR UPDATE
            )
            UPDATE processing.letter d SET state = '{LetterState.Redriving}', changed_at = now() FROM meant m
            WHERE d.tenant_id = m.tenant_id AND d.id = m.id
            RETURNING {LetterRows.Columns}, CASE WHEN d.source = '{LetterSource.Webhooks}' THEN d.payload END
            """;
        await using var scope = new NpgsqlBatch(transaction.Connection) { BatchCommands = { TenantScope.Set(tenant) } };
        await scope.ExecuteNonQueryAsync(cancellationToken);
        var taken = new List<Letter>();
        var deliveries = new Dictionary<Guid, byte[]>();
        await using (var reader = await update.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                taken.Add(LetterRows.Read(reader));
                if (!await reader.IsDBNullAsync(16, cancellationToken))
                {
                    deliveries[taken[^1].Id] = reader.GetFieldValue<byte[]>(16);
                }
            }
        }

        foreach (var letter in taken.OrderBy(l => l.Topic, StringComparer.Ordinal).ThenBy(l => l.Partition).ThenBy(l => l.Offset))
        {
            transaction.Publish(deliveries.TryGetValue(letter.Id, out var delivery) ? Redelivery(letter, delivery, clock) : Request(letter, clock));
        }

        var hasMore = taken.Count == limit && await AnyAsync(transaction, tenant, filter, cancellationToken);
        await using var back = new NpgsqlBatch(transaction.Connection) { BatchCommands = { TenantScope.Set(transaction.Tenant) } };
        await back.ExecuteNonQueryAsync(cancellationToken);
        return (taken, hasMore);
    }

    private static async Task<bool> AnyAsync(WriteTransaction transaction, Guid tenant, LetterFilter filter, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command("");
        select.CommandText = $"SELECT EXISTS (SELECT FROM processing.letter d WHERE {filter.LettersWhere(tenant, select.Parameters)} AND d.state = '{LetterState.Dead}')";
        return await select.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static OutboxMessage Redelivery(Letter letter, byte[] failed, TimeProvider clock)
    {
        var delivery = EventJson.Deserialize<WebhookDeliveryFailed>(failed);
        return OutboxMessage.Create(ProcessingDatabase.Name, letter.Tenant, delivery.Id, new WebhookRedeliveryRequested
        {
            Id = delivery.Id, EndpointId = delivery.EndpointId, EventId = delivery.EventId, EventType = delivery.EventType,
        }, clock);
    }

    private static OutboxMessage Request(Letter letter, TimeProvider clock) =>
        OutboxMessage.Create(ProcessingDatabase.Name, letter.Tenant, letter.Subject!, new DeadLetterRedriveRequested
        {
            Id = letter.PublicId,
            Group = letter.Group!,
            Topic = letter.Topic!,
            Partition = letter.Partition!.Value,
            Offset = letter.Offset!.Value,
            EventId = TypeId.Format(IdPrefix.Event, letter.EventId!.Value),
            Deaths = letter.Deaths,
        }, clock);
}
