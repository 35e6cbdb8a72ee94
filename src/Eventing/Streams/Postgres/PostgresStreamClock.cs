using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>When messages of the PostgreSQL stream were appended.</summary>
internal sealed class PostgresStreamClock(DataSources sources) : IStreamClock
{
    public async Task<IReadOnlyDictionary<TopicPartition, DateTimeOffset>> ReadTimesAsync(
        IReadOnlyDictionary<TopicPartition, long> offsets, CancellationToken cancellationToken)
    {
        var times = new Dictionary<TopicPartition, DateTimeOffset>();
        var topics = offsets.GroupBy(o => o.Key.Topic, StringComparer.Ordinal).ToArray();
        if (topics.Length == 0)
        {
            return times;
        }

        await using var connection = await sources.Get(sources.StreamConnectionString, AccessScope.System).OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var topic in topics)
        {
            batch.BatchCommands.Add(new($"""
                SELECT c.partition, m.appended_at FROM unnest($1::int[], $2::bigint[]) AS c(partition, start)
                CROSS JOIN LATERAL (
                    SELECT appended_at FROM {StreamSchema.Table(topic.Key)} t
                    WHERE t.partition = c.partition AND t.stream_offset >= c.start ORDER BY t.stream_offset LIMIT 1) m
                """)
            {
                Parameters =
                {
                    new NpgsqlParameter<int[]> { TypedValue = [.. topic.Select(o => o.Key.Partition)] },
                    new NpgsqlParameter<long[]> { TypedValue = [.. topic.Select(o => o.Value)] },
                },
            });
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var topic in topics)
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                times[new(topic.Key, reader.GetInt32(0))] = reader.GetFieldValue<DateTimeOffset>(1);
            }

            await reader.NextResultAsync(cancellationToken);
        }

        return times;
    }
}
