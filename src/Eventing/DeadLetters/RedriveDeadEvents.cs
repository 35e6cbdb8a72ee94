using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;

namespace Platform.Eventing.DeadLetters;

/// <summary>
/// The group <c>service.control</c>: puts dead events of this service's groups back into their places when somebody asks for it. They are
/// parked with their first offset, due at once, so they run in their order and before what is parked behind them.
/// </summary>
internal sealed class RedriveDeadEvents<TDatabase>(TDatabase database, IEnumerable<ConsumerGroup> groups, TimeProvider clock) : IEventHandler
    where TDatabase : ServiceDatabase
{
    private readonly ConsumerGroup[] _groups = [.. groups.Where(g => ReferenceEquals(g.Database, database))];

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var asked = batch.Events.Select(e => (Event: e, Data: e.Read<DeadLetterRedriveRequested>()))
            .Where(a => a.Data.Group.StartsWith(database.Schema + ".", StringComparison.Ordinal))
            .Select(a => (a.Event, a.Data, Id: TypeId.TryParse(IdPrefix.DeadLetter, a.Data.Id, out var id) ? id : throw new PoisonEventException("The id is none of a dead letter.")))
            .ToArray();
        if (asked.Length == 0)
        {
            return;
        }

        var alive = await ParkAsync(batch.Connection, [.. asked.Select(a => a.Id)], cancellationToken);

        // What is neither dead nor parked was handled since, or is not there any more: the letter has no one left to bring back.
        foreach (var (received, data, id) in asked.Where(a => !alive.Contains(a.Id)))
        {
            batch.Publish(OutboxMessage.Create(database.Schema, received.TenantId, data.Id, new DeadLetterRedriven
            {
                Id = data.Id, Group = data.Group, Topic = data.Topic, Partition = data.Partition, Offset = data.Offset, EventId = data.EventId, Deaths = data.Deaths,
            }, clock));
        }

        var names = asked.Select(a => a.Data.Group).ToHashSet(StringComparer.Ordinal);
        batch.AfterCommit(() =>
        {
            foreach (var group in _groups.Where(g => names.Contains(g.Name)))
            {
                group.Parked.Set();
            }
        });
    }

    /// <summary>Moves the letters' events from the dead to the parked. Returns the letters whose events are parked now, of those moved earlier too.</summary>
    private async Task<HashSet<Guid>> ParkAsync(NpgsqlConnection connection, Guid[] letters, CancellationToken cancellationToken)
    {
        await using var move = new NpgsqlCommand($"""
            WITH moved AS (
                DELETE FROM {database.Schema}.dead_event WHERE letter_id = ANY($1) RETURNING *
            ), parked AS (
                INSERT INTO {database.Schema}.parked_event (consumer_group, engine, topic, partition, stream_offset, key, id, headers, payload,
                    last_error, tried, letter_id, deaths)
                SELECT consumer_group, engine, topic, partition, stream_offset, key, id, headers, payload, error, attempts, letter_id, deaths FROM moved
                ON CONFLICT (consumer_group, engine, topic, partition, stream_offset) DO UPDATE SET
                    letter_id = excluded.letter_id, deaths = excluded.deaths, next_attempt_at = now()
                RETURNING letter_id
            )
            SELECT letter_id FROM parked UNION SELECT letter_id FROM {database.Schema}.parked_event WHERE letter_id = ANY($1)
            """, connection)
        {
            Parameters = { new() { Value = letters, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid } },
        };
        await using var reader = await move.ExecuteReaderAsync(cancellationToken);
        var parked = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            parked.Add(reader.GetGuid(0));
        }

        return parked;
    }
}
