using Npgsql;
using NpgsqlTypes;

namespace Platform.Eventing.Outbox;

/// <summary>
/// Puts events into a service's outbox as part of the caller's batch, so that state and event commit together. Call
/// <see cref="Database.ServiceDatabase.OutboxWritten"/> after the commit. The statement must come after the one that locks
/// the aggregate's row: the position drawn here is the order of the key.
/// </summary>
public static class OutboxWriter
{
    /// <summary>Adds one statement that inserts <paramref name="message"/>.</summary>
    public static void Append(NpgsqlBatch batch, string schema, OutboxMessage message) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"INSERT INTO {schema}.outbox (topic, partition, key, id, headers, payload) VALUES ($1, $2, $3, $4, $5, $6)")
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = message.Topic.Name },
                new NpgsqlParameter<int> { TypedValue = message.Partition },
                new NpgsqlParameter<string> { TypedValue = message.Key },
                new NpgsqlParameter<Guid> { TypedValue = message.Id },
                new NpgsqlParameter<string> { TypedValue = message.Headers, NpgsqlDbType = NpgsqlDbType.Json },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = message.Payload },
            },
        });

    /// <summary>Adds one statement that inserts all <paramref name="messages"/>, in their order; none for none.</summary>
    public static void AppendMany(NpgsqlBatch batch, string schema, IReadOnlyList<OutboxMessage> messages)
    {
        if (messages.Count == 0)
        {
            return;
        }

        if (messages.Count == 1)
        {
            Append(batch, schema, messages[0]);
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {schema}.outbox (topic, partition, key, id, headers, payload)
            SELECT topic, partition, key, id, headers::json, payload
            FROM unnest($1::text[], $2::int[], $3::text[], $4::uuid[], $5::text[], $6::bytea[])
                WITH ORDINALITY AS m(topic, partition, key, id, headers, payload, ord)
            ORDER BY ord
            """)
        {
            Parameters =
            {
                new() { Value = messages.Select(m => m.Topic.Name).ToArray() },
                new() { Value = messages.Select(m => m.Partition).ToArray() },
                new() { Value = messages.Select(m => m.Key).ToArray() },
                new() { Value = messages.Select(m => m.Id).ToArray() },
                new() { Value = messages.Select(m => m.Headers).ToArray() },
                new() { Value = messages.Select(m => m.Payload.ToArray()).ToArray() },
            },
        });
    }
}
