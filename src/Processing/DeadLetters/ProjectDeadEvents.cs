using System.Globalization;
using System.Text.Json;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.DeadLetters;

namespace Platform.Processing.DeadLetters;

/// <summary>
/// The group <c>processing.dead_letters</c>: reads every topic's dead letters into one list, and takes out what was redriven. A letter's
/// count of deaths says which of two stories is the newer, so reading one again changes nothing.
/// </summary>
internal sealed class ProjectDeadEvents : IEventHandler
{
    public const string Group = "processing.dead_letters";

    /// <summary>Longer than a topic of dead letters can be read again.</summary>
    private const string RememberedFor = "40 days";

    public static IReadOnlyList<Topic> Topics { get; } = [.. Contracts.Events.Topics.DeadLetters, Contracts.Events.Topics.Control];

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        await using var statements = new NpgsqlBatch(batch.Connection);
        var letters = batch.Events.Where(e => e.Record.Topic != Contracts.Events.Topics.Control.Name).Select(Read)
            .GroupBy(l => (l.Tenant, l.Id)).Select(g => g.MaxBy(l => l.Deaths)!).ToArray();
        if (letters.Length > 0)
        {
            statements.BatchCommands.Add(Upsert(letters));
        }

        var redriven = batch.Events
            .Where(e => e.Record.Topic == Contracts.Events.Topics.Control.Name && e.Type == EventTypes.DeadLetterRedriven)
            .Select(e => (e.TenantId, Data: e.Read<DeadLetterRedriven>())).ToArray();
        if (redriven.Length > 0)
        {
            statements.BatchCommands.Add(Remove(redriven));
            statements.BatchCommands.Add(new($"DELETE FROM processing.letter WHERE state = '{LetterState.Gone}' AND changed_at < now() - interval '{RememberedFor}'"));
        }

        if (statements.BatchCommands.Count > 0)
        {
            await statements.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static DeadEvent Read(ReceivedEvent received)
    {
        try
        {
            var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(received.Record.Headers)!;
            var payload = received.Record.Payload;
            return new(
                received.TenantId,
                TypeId.TryParse(IdPrefix.DeadLetter, headers[DeadLetterHeaders.Id], out var id) ? id : throw new FormatException(DeadLetterHeaders.Id),
                int.Parse(headers[DeadLetterHeaders.Deaths], CultureInfo.InvariantCulture),
                DateTimeOffset.Parse(headers[DeadLetterHeaders.Timestamp], CultureInfo.InvariantCulture),
                headers[DeadLetterHeaders.ExceptionMessage],
                int.Parse(headers[DeadLetterHeaders.Attempts], CultureInfo.InvariantCulture),
                received.Type,
                received.Record.Key,
                headers[DeadLetterHeaders.Topic],
                int.Parse(headers[DeadLetterHeaders.Partition], CultureInfo.InvariantCulture),
                long.Parse(headers[DeadLetterHeaders.Offset], CultureInfo.InvariantCulture),
                headers[DeadLetterHeaders.Group],
                received.Id,
                headers[DeadLetterHeaders.ExceptionType],
                received.Record.Headers,
                payload.Length > LetterContent.MaxPayload ? payload[..LetterContent.MaxPayload] : payload,
                payload.Length);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or OverflowException or NullReferenceException)
        {
            throw new PoisonEventException("This is no dead letter of the platform: " + e.Message, e);
        }
    }

    private static NpgsqlBatchCommand Upsert(DeadEvent[] letters) =>
        new($"""
            INSERT INTO processing.letter AS l (tenant_id, id, source, state, deaths, died_at, reason, attempts, type, subject, topic, partition,
                stream_offset, consumer_group, event_id, exception_type, headers, payload, payload_size)
            SELECT tenant_id, id, '{LetterSource.Events}', '{LetterState.Dead}', deaths, died_at, reason, attempts, type, subject, topic, partition,
                stream_offset, consumer_group, event_id, exception_type, headers, payload, payload_size
            FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::int[],
                $11::bigint[], $12::text[], $13::uuid[], $14::text[], $15::text[], $16::bytea[], $17::int[])
                AS n(tenant_id, id, deaths, died_at, reason, attempts, type, subject, topic, partition, stream_offset, consumer_group, event_id,
                    exception_type, headers, payload, payload_size)
            ON CONFLICT (tenant_id, id) DO UPDATE SET
                state = excluded.state, deaths = excluded.deaths, died_at = excluded.died_at, reason = excluded.reason, attempts = excluded.attempts,
                exception_type = excluded.exception_type, headers = excluded.headers, changed_at = now()
            WHERE l.deaths < excluded.deaths
            """)
        {
            Parameters =
            {
                Values(letters, l => l.Tenant), Values(letters, l => l.Id), Values(letters, l => l.Deaths), Values(letters, l => l.DiedAt.ToUniversalTime()),
                Values(letters, l => l.Reason), Values(letters, l => l.Attempts), Values(letters, l => l.Type), Values(letters, l => l.Key),
                Values(letters, l => l.Topic), Values(letters, l => l.Partition), Values(letters, l => l.Offset), Values(letters, l => l.Group),
                Values(letters, l => l.EventId), Values(letters, l => l.ExceptionType), Values(letters, l => l.Headers), Values(letters, l => l.Payload),
                Values(letters, l => l.PayloadSize),
            },
        };

    private static NpgsqlBatchCommand Remove((Guid Tenant, DeadLetterRedriven Data)[] redriven) =>
        new($"""
            UPDATE processing.letter l SET state = '{LetterState.Gone}', changed_at = now(), headers = '', payload = ''
            FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS r(tenant_id, id, deaths)
            WHERE l.tenant_id = r.tenant_id AND l.id = r.id AND l.deaths <= r.deaths
            """)
        {
            Parameters =
            {
                Values(redriven, r => r.Tenant),
                Values(redriven, r => TypeId.TryParse(IdPrefix.DeadLetter, r.Data.Id, out var id) ? id : throw new PoisonEventException("The id is none of a dead letter.")),
                Values(redriven, r => r.Data.Deaths),
            },
        };

    private static NpgsqlParameter<T[]> Values<TItem, T>(TItem[] items, Func<TItem, T> select) => new() { TypedValue = Array.ConvertAll(items, i => select(i)) };

    private sealed record DeadEvent(
        Guid Tenant, Guid Id, int Deaths, DateTimeOffset DiedAt, string Reason, int Attempts, string Type, string Key, string Topic, int Partition,
        long Offset, string Group, Guid EventId, string ExceptionType, string Headers, byte[] Payload, int PayloadSize);
}
