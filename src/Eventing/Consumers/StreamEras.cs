using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Consumers;

/// <summary>
/// A group's way from one stream engine to another. Each era but the last is read to where its engine stood when the next one began, by all
/// instances together, before the next is touched: so nothing is lost on the way, and each key keeps its order.
/// </summary>
internal sealed class StreamEras(ConsumerGroup group, IEventStream current, PreviousStream previous)
{
    private readonly string _schema = group.Database.Schema;

    /// <summary>
    /// Begins an era when the group's last one was on another engine. Call before anything is read; several instances at once begin one.
    /// </summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await using var connection = await group.Database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", connection))
        {
            turn.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"platform.era.{_schema}.{group.Name}" });
            await turn.ExecuteNonQueryAsync(cancellationToken);
        }

        var last = (await ReadAsync(connection, cancellationToken)).LastOrDefault();
        if (last?.Engine != current.Engine)
        {
            last ??= await FindUnrecordedAsync(connection, cancellationToken);
            if (last is not null)
            {
                await WriteAsync(connection, last with { Until = await ReadHeadsAsync(last.Engine, cancellationToken) }, cancellationToken);
            }

            await WriteAsync(connection, new((last?.Number ?? 0) + 1, current.Engine, null), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// The first era that is over and not read to its end; null when the group has arrived at the current engine. What an instance that moved late
    /// has appended to the engine left behind is found here too.
    /// </summary>
    public async Task<StreamEra?> FindUnfinishedAsync(CancellationToken cancellationToken)
    {
        if (previous.Stream is null)
        {
            return null;
        }

        await using var connection = await group.Database.System.OpenConnectionAsync(cancellationToken);
        var eras = await ReadAsync(connection, cancellationToken);
        if (eras.Count < 2)
        {
            return null;
        }

        if (eras[^2] is var left && left.Engine == previous.Stream.Engine
            && await ReadHeadsAsync(left.Engine, cancellationToken) is var heads && heads.Any(h => h.Value > left.Until!.GetValueOrDefault(h.Key)))
        {
            await WriteAsync(connection, eras[^2] = left with { Until = heads }, cancellationToken);
        }

        foreach (var era in eras.Where(e => e.Until is not null))
        {
            var reached = await ReadOffsetsAsync(connection, era.Engine, cancellationToken);
            if (era.Until!.Any(u => reached.GetValueOrDefault(u.Key) < u.Value))
            {
                return era;
            }
        }

        return null;
    }

    /// <summary>The stream of an era.</summary>
    public IEventStream StreamOf(StreamEra era) =>
        era.Engine == current.Engine ? current
        : era.Engine == previous.Stream?.Engine ? previous.Stream
        : throw new InvalidOperationException($"Group '{group.Name}' has still to read events on '{era.Engine}', which is not configured any more.");

    /// <summary>Offsets from before eras were noted.</summary>
    private async Task<StreamEra?> FindUnrecordedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (previous.Stream is null)
        {
            return null;
        }

        return (await ReadOffsetsAsync(connection, previous.Stream.Engine, cancellationToken)).Count > 0 ? new(1, previous.Stream.Engine, null) : null;
    }

    private async Task<Dictionary<TopicPartition, long>> ReadHeadsAsync(string engine, CancellationToken cancellationToken)
    {
        var heads = new Dictionary<TopicPartition, long>();
        if (engine == previous.Stream?.Engine && await previous.ExistsAsync(cancellationToken))
        {
            foreach (var topic in group.Topics)
            {
                foreach (var (partition, head) in await previous.Stream.ReadHeadsAsync(topic, cancellationToken))
                {
                    heads[partition] = head;
                }
            }
        }

        return heads;
    }

    private async Task<List<StreamEra>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT number, engine, until::text FROM {_schema}.stream_era WHERE consumer_group = $1 ORDER BY number", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var eras = new List<StreamEra>();
        while (await reader.ReadAsync(cancellationToken))
        {
            eras.Add(new(reader.GetInt32(0), reader.GetString(1), await reader.IsDBNullAsync(2, cancellationToken) ? null : StreamEra.Read(reader.GetString(2))));
        }

        return eras;
    }

    private async Task WriteAsync(NpgsqlConnection connection, StreamEra era, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            INSERT INTO {_schema}.stream_era (consumer_group, number, engine, until) VALUES ($1, $2, $3, $4)
            ON CONFLICT (consumer_group, number) DO UPDATE SET until = excluded.until
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group.Name });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = era.Number });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = era.Engine });
        command.Parameters.Add(new() { Value = (object?)era.WriteUntil() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<Dictionary<TopicPartition, long>> ReadOffsetsAsync(NpgsqlConnection connection, string engine, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT topic, partition, next_offset FROM {_schema}.consumer_offset WHERE consumer_group = $1 AND engine = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = engine });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var offsets = new Dictionary<TopicPartition, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            offsets[new(reader.GetString(0), reader.GetInt32(1))] = reader.GetInt64(2);
        }

        return offsets;
    }
}

/// <summary>A stretch of a group's life on one engine.</summary>
/// <param name="Until">The next offset of each partition when it was over; null while it lasts.</param>
internal sealed record StreamEra(int Number, string Engine, IReadOnlyDictionary<TopicPartition, long>? Until)
{
    public static IReadOnlyDictionary<TopicPartition, long> Read(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, Dictionary<int, long>>>(json)!
            .SelectMany(t => t.Value.Select(p => (new TopicPartition(t.Key, p.Key), p.Value)))
            .ToDictionary(p => p.Item1, p => p.Value);

    public string? WriteUntil() => Until is null ? null : JsonSerializer.Serialize(Until
        .GroupBy(u => u.Key.Topic, StringComparer.Ordinal)
        .ToDictionary(t => t.Key, t => t.ToDictionary(u => u.Key.Partition, u => u.Value), StringComparer.Ordinal));
}
