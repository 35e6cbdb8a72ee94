using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.DeadLetters;

/// <summary>Gives events of one group up: the row in its service's <c>dead_event</c>, and the letter to the topic's dead letters.</summary>
internal sealed class Graveyard(ConsumerGroup group, string engine, TimeProvider clock)
{
    /// <summary>A letter for an event that is given up.</summary>
    /// <param name="parked">What is known of it where it was parked; null for one that was not.</param>
    public DeadLetter Letter(StreamRecord record, ParkedEvent? parked, int tried, Exception error) =>
        new(parked?.LetterId ?? TypeId.New(clock), record, parked?.Engine ?? engine, group.Name, error, tried, (parked?.Deaths ?? 0) + 1);

    /// <summary>To publish in the transaction of <see cref="Bury"/>.</summary>
    public IReadOnlyList<OutboxMessage> Messages(DeadLetter letter) =>
        letter.ToMessage(group.Topics, group.Database.Schema, clock.GetUtcNow()) is { } message ? [message] : [];

    /// <summary>Adds the statement.</summary>
    public void Bury(NpgsqlBatch batch, DeadLetter letter)
    {
        // The same place can die again without a redrive where somebody set the group's offset back; the newer letter counts.
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {group.Database.Schema}.dead_event
                (id, consumer_group, engine, topic, partition, stream_offset, key, headers, payload, attempts, error, letter_id, deaths)
            VALUES ($1, $2, $13, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (consumer_group, engine, topic, partition, stream_offset) DO UPDATE SET
                attempts = excluded.attempts, error = excluded.error, letter_id = excluded.letter_id, deaths = excluded.deaths, died_at = now()
            """)
        {
            Parameters =
            {
                new() { Value = letter.Record.Id }, new() { Value = group.Name }, new() { Value = letter.Record.Topic },
                new() { Value = letter.Record.Partition }, new() { Value = letter.Record.Offset }, new() { Value = letter.Record.Key },
                new() { Value = letter.Record.Headers, NpgsqlDbType = NpgsqlDbType.Json }, new() { Value = letter.Record.Payload },
                new() { Value = letter.Tried }, new() { Value = ErrorText.Of(letter.Error) }, new() { Value = letter.Id }, new() { Value = letter.Deaths },
                new() { Value = letter.Engine },
            },
        });
    }

    /// <summary>After the commit.</summary>
    public void Count() => EventingTelemetry.Poisoned.Add(1, new("group", group.Name), new("outcome", "dead"));
}
