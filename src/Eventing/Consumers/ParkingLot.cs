using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Consumers;

/// <summary>An event that waits.</summary>
/// <param name="Engine">Of the stream whose offset the record has.</param>
/// <param name="Attempts">Since it was parked.</param>
/// <param name="Tried">How often its handler ran in all.</param>
/// <param name="LetterId">Of the dead letter that it was; null for one that never died.</param>
/// <param name="Deaths">How often it died.</param>
internal sealed record ParkedEvent(StreamRecord Record, string Engine, int Attempts, int Tried, Guid? LetterId, int Deaths);

/// <summary>
/// Where an event waits whose handler keeps failing, and behind it the later events of its key; other keys flow on. Its statements
/// run in transactions that hold the partition's offset at the owner's epoch.
/// </summary>
internal sealed class ParkingLot(ConsumerGroup group, string engine)
{
    /// <summary>What was parked from another stream came before the group moved to this one.</summary>
    private readonly string _order = $"engine = '{engine}', stream_offset";
    private const string Columns = "p.topic, p.partition, p.stream_offset, p.key, p.id, p.headers::text, p.payload, p.attempts, p.tried, p.letter_id, p.deaths, p.engine";
    private readonly string _table = group.Database.Schema + ".parked_event";
    private readonly HashSet<(string Topic, string Key)> _keys = [];

    public bool IsEmpty => _keys.Count == 0;

    public bool Holds(StreamRecord record) => _keys.Count > 0 && _keys.Contains((record.Topic, record.Key));

    /// <summary>Learns which keys are parked: after every change of ownership, and now and then because a redrive parks events too.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // From key to key by the index, whatever number of events waits behind each.
        await using var command = group.Database.System.CreateCommand($"""
            WITH RECURSIVE k AS (
                (SELECT topic, key FROM {_table} WHERE consumer_group = $1 ORDER BY topic, key LIMIT 1)
                UNION ALL
                SELECT n.topic, n.key FROM k CROSS JOIN LATERAL (
                    SELECT topic, key FROM {_table} WHERE consumer_group = $1 AND (topic, key) > (k.topic, k.key) ORDER BY topic, key LIMIT 1) n
            )
            SELECT topic, key FROM k
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add((reader.GetString(0), reader.GetString(1)));
        }

        _keys.Clear();
        _keys.UnionWith(keys);
    }

    /// <summary>The key was parked and its transaction committed.</summary>
    public void Add(StreamRecord record) => _keys.Add((record.Topic, record.Key));

    /// <summary>Adds the statement that parks an event.</summary>
    /// <param name="tried">How often its handler failed; 0 for one that waits behind another.</param>
    public void Park(NpgsqlBatch batch, StreamRecord record, string? error, TimeSpan delay, int tried) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {_table}
                (consumer_group, topic, partition, stream_offset, key, id, headers, payload, next_attempt_at, last_error, tried, engine)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9, $10, $11, $12)
            """)
        {
            Parameters =
            {
                new() { Value = group.Name }, new() { Value = record.Topic }, new() { Value = record.Partition }, new() { Value = record.Offset },
                new() { Value = record.Key }, new() { Value = record.Id }, new() { Value = record.Headers, NpgsqlDbType = NpgsqlDbType.Json },
                new() { Value = record.Payload }, new() { Value = delay }, new() { Value = (object?)error ?? DBNull.Value }, new() { Value = tried },
                new() { Value = engine },
            },
        });

    /// <summary>The first parked event of each key of the owned partitions, where its time has come; those that wait longest first.</summary>
    public async Task<List<ParkedEvent>> DueAsync(IReadOnlyCollection<TopicPartition> owned, int max, CancellationToken cancellationToken)
    {
        await using var command = group.Database.System.CreateCommand($"""
            SELECT {Columns} FROM unnest($2::text[], $3::text[]) AS k(topic, key)
            CROSS JOIN LATERAL (
                SELECT * FROM {_table} WHERE consumer_group = $1 AND topic = k.topic AND key = k.key ORDER BY {_order} LIMIT 1) p
            WHERE p.next_attempt_at <= now() AND (p.topic, p.partition) IN (SELECT * FROM unnest($4::text[], $5::int[]))
            ORDER BY p.next_attempt_at LIMIT $6
            """);
        command.Parameters.Add(new() { Value = group.Name });
        command.Parameters.Add(new() { Value = _keys.Select(k => k.Topic).ToArray() });
        command.Parameters.Add(new() { Value = _keys.Select(k => k.Key).ToArray() });
        command.Parameters.Add(new() { Value = owned.Select(p => p.Topic).ToArray() });
        command.Parameters.Add(new() { Value = owned.Select(p => p.Partition).ToArray() });
        command.Parameters.Add(new() { Value = max });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>The events of a key from its first on.</summary>
    public async Task<List<ParkedEvent>> FirstAsync(StreamRecord sameKey, int max, CancellationToken cancellationToken)
    {
        await using var command = group.Database.System.CreateCommand($"""
            SELECT {Columns} FROM {_table} p WHERE consumer_group = $1 AND topic = $2 AND key = $3 AND partition = $4
            ORDER BY {_order} LIMIT $5
            """);
        foreach (var value in (object[])[group.Name, sameKey.Topic, sameKey.Key, sameKey.Partition, max])
        {
            command.Parameters.Add(new() { Value = value });
        }

        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Adds the statement that takes events of one partition out.</summary>
    public void Release(NpgsqlBatch batch, IReadOnlyList<StreamRecord> records) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"DELETE FROM {_table} WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND stream_offset = ANY($4) AND id = ANY($5)")
        {
            Parameters =
            {
                new() { Value = group.Name }, new() { Value = records[0].Topic }, new() { Value = records[0].Partition },
                new() { Value = records.Select(r => r.Offset).ToArray() }, new() { Value = records.Select(r => r.Id).ToArray() },
            },
        });

    /// <summary>Adds the statement that notes a failed attempt and the time of the next.</summary>
    public void Postpone(NpgsqlBatch batch, StreamRecord record, string error, TimeSpan delay) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            UPDATE {_table} SET attempts = attempts + 1, tried = tried + 1, last_error = $5, next_attempt_at = now() + $6
            WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND stream_offset = $4 AND id = $7
            """)
        {
            Parameters =
            {
                new() { Value = group.Name }, new() { Value = record.Topic }, new() { Value = record.Partition }, new() { Value = record.Offset },
                new() { Value = error }, new() { Value = delay }, new() { Value = record.Id },
            },
        });

    private static async Task<List<ParkedEvent>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<ParkedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var record = new StreamRecord(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3), reader.GetGuid(4),
                reader.GetString(5), reader.GetFieldValue<byte[]>(6));
            events.Add(new(record, reader.GetString(11), reader.GetInt32(7), reader.GetInt32(8), reader.IsDBNull(9) ? null : reader.GetGuid(9), reader.GetInt32(10)));
        }

        return events;
    }
}
