using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Streams;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Consumers;

/// <summary>
/// Where an event waits whose handler keeps failing, and behind it the later events of its key; other keys flow on.
/// </summary>
internal sealed class ParkingLot(ConsumerGroup group)
{
    private const int MaxErrorLength = 4000;
    private readonly string _schema = group.Database.Schema;
    private readonly HashSet<(string Topic, string Key)> _keys = [];

    public bool IsEmpty => _keys.Count == 0;

    public bool Holds(StreamRecord record) => _keys.Count > 0 && _keys.Contains((record.Topic, record.Key));

    /// <summary>Learns which keys are parked; after every change of ownership.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _keys.Clear();
        await using var command = group.Database.System.CreateCommand(
            $"SELECT DISTINCT topic, key FROM {_schema}.parked_event WHERE consumer_group = $1");
        command.Parameters.Add(new() { Value = group.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            _keys.Add((reader.GetString(0), reader.GetString(1)));
        }
    }

    /// <summary>The key was parked and its transaction committed.</summary>
    public void Add(StreamRecord record) => _keys.Add((record.Topic, record.Key));

    /// <summary>Adds the statement that parks an event.</summary>
    public void Park(NpgsqlBatch batch, StreamRecord record, string? error, TimeSpan delay) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {_schema}.parked_event
                (consumer_group, topic, partition, stream_offset, key, id, headers, payload, next_attempt_at, last_error)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9, $10)
            """)
        {
            Parameters =
            {
                new() { Value = group.Name }, new() { Value = record.Topic }, new() { Value = record.Partition }, new() { Value = record.Offset },
                new() { Value = record.Key }, new() { Value = record.Id }, new() { Value = record.Headers, NpgsqlDbType = NpgsqlDbType.Json },
                new() { Value = record.Payload }, new() { Value = delay }, new() { Value = (object?)Shorten(error) ?? DBNull.Value },
            },
        });

    /// <summary>The first parked event of each key of the owned partitions whose time has come.</summary>
    public async Task<List<(StreamRecord Record, int Attempts)>> DueAsync(IReadOnlyCollection<TopicPartition> owned, int max, CancellationToken cancellationToken)
    {
        await using var command = group.Database.System.CreateCommand($"""
            SELECT topic, partition, stream_offset, key, id, headers::text, payload, attempts FROM (
                SELECT DISTINCT ON (topic, key) * FROM {_schema}.parked_event
                WHERE consumer_group = $1 AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::int[]))
                ORDER BY topic, key, stream_offset
            ) head
            WHERE next_attempt_at <= now() ORDER BY next_attempt_at LIMIT $4
            """);
        command.Parameters.Add(new() { Value = group.Name });
        command.Parameters.Add(new() { Value = owned.Select(p => p.Topic).ToArray() });
        command.Parameters.Add(new() { Value = owned.Select(p => p.Partition).ToArray() });
        command.Parameters.Add(new() { Value = max });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<(StreamRecord, int)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add((new(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3), reader.GetGuid(4),
                reader.GetString(5), reader.GetFieldValue<byte[]>(6)), reader.GetInt32(7)));
        }

        return due;
    }

    /// <summary>Adds the statement that takes a parked event out.</summary>
    public void Release(NpgsqlBatch batch, StreamRecord record) => batch.BatchCommands.Add(Delete(record));

    /// <summary>Notes a failed attempt and the time of the next.</summary>
    public async Task PostponeAsync(StreamRecord record, string error, TimeSpan delay, CancellationToken cancellationToken)
    {
        await using var command = group.Database.System.CreateCommand($"""
            UPDATE {_schema}.parked_event SET attempts = attempts + 1, last_error = $5, next_attempt_at = now() + $6
            WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND stream_offset = $4
            """);
        foreach (var value in (object[])[group.Name, record.Topic, record.Partition, record.Offset, Shorten(error)!, delay])
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Gives an event up: out of the lot, into the dead events, with its reason.</summary>
    public async Task BuryAsync(StreamRecord record, int attempts, string error, CancellationToken cancellationToken)
    {
        await using var connection = await group.Database.System.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {_schema}.dead_event
                (id, consumer_group, topic, partition, stream_offset, key, headers, payload, attempts, error)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
            """)
        {
            Parameters =
            {
                new() { Value = record.Id }, new() { Value = group.Name }, new() { Value = record.Topic }, new() { Value = record.Partition },
                new() { Value = record.Offset }, new() { Value = record.Key }, new() { Value = record.Headers, NpgsqlDbType = NpgsqlDbType.Json },
                new() { Value = record.Payload }, new() { Value = attempts }, new() { Value = Shorten(error) },
            },
        });
        batch.BatchCommands.Add(Delete(record));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        EventingTelemetry.Poisoned.Add(1, new("group", group.Name), new("outcome", "dead"));
    }

    private static string? Shorten(string? error)
    {
        // NUL cannot be stored in text.
        var clean = error?.Replace('\0', ' ');
        return clean?.Length > MaxErrorLength ? clean[..MaxErrorLength] : clean;
    }

    private NpgsqlBatchCommand Delete(StreamRecord record) =>
        new($"DELETE FROM {_schema}.parked_event WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND stream_offset = $4")
        {
            Parameters =
            {
                new() { Value = group.Name }, new() { Value = record.Topic }, new() { Value = record.Partition }, new() { Value = record.Offset },
            },
        };
}
