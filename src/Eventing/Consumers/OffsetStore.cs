using Npgsql;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Consumers;

/// <summary>A partition that this instance owns: where to go on, and the epoch that its commits must carry.</summary>
/// <param name="Expected">
/// What the database must say before it is moved to <paramref name="NextOffset"/>: a database that was set back (a crash before an
/// asynchronous commit was on disk, a failover) must not be moved forward over effects that it lost.
/// </param>
internal sealed record OwnedPartition(TopicPartition Partition, long NextOffset, long Epoch, long Expected);

/// <summary>A consumer group's offsets in one stream engine, kept in the service's database beside the effects.</summary>
internal sealed class OffsetStore(ConsumerGroup group, string engine, string owner)
{
    private readonly string _table = group.Database.Schema + ".consumer_offset";

    /// <summary>Takes over partitions: from now on commits of the previous owner fail.</summary>
    public async Task<List<OwnedPartition>> ClaimAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        await using var command = group.Database.System.CreateCommand($"""
            INSERT INTO {_table} AS o (consumer_group, engine, topic, partition, epoch, owner)
            SELECT $1, $5, topic, partition, 1, $2 FROM unnest($3::text[], $4::int[]) AS p(topic, partition)
            ORDER BY topic, partition
            ON CONFLICT (consumer_group, engine, topic, partition)
                DO UPDATE SET epoch = o.epoch + 1, owner = excluded.owner, updated_at = now()
            RETURNING topic, partition, next_offset, epoch
            """);
        command.Parameters.Add(new() { Value = group.Name });
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = partitions.Select(p => p.Topic).ToArray() });
        command.Parameters.Add(new() { Value = partitions.Select(p => p.Partition).ToArray() });
        command.Parameters.Add(new() { Value = engine });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var owned = new List<OwnedPartition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            owned.Add(new(new(reader.GetString(0), reader.GetInt32(1)), reader.GetInt64(2), reader.GetInt64(3), Expected: reader.GetInt64(2)));
        }

        return owned;
    }

    /// <summary>
    /// Moves offsets inside the effects' transaction. It is the transaction's first statement: the row locks keep a new owner
    /// waiting until the effects are decided. The rows are locked in one order, that of a claim, so that two instances that disagree
    /// for a moment wait for each other and never both. Fewer rows than partitions: some are another's by now.
    /// </summary>
    public NpgsqlBatchCommand AdvanceCommand(IReadOnlyList<OwnedPartition> partitions) =>
        new($"""
            WITH held AS (
                SELECT o.topic, o.partition, p.next_offset
                FROM {_table} o JOIN unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[])
                    AS p(topic, partition, next_offset, epoch, expected)
                    ON o.topic = p.topic AND o.partition = p.partition AND o.epoch = p.epoch AND o.next_offset = p.expected
                WHERE o.consumer_group = $1 AND o.engine = $7
                ORDER BY o.topic, o.partition FOR NO KEY UPDATE OF o
            )
            UPDATE {_table} o SET next_offset = h.next_offset, updated_at = now()
            FROM held h WHERE o.consumer_group = $1 AND o.engine = $7 AND o.topic = h.topic AND o.partition = h.partition
            RETURNING o.topic, o.partition
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = group.Name },
                new NpgsqlParameter<string[]> { TypedValue = [.. partitions.Select(p => p.Partition.Topic)] },
                new NpgsqlParameter<int[]> { TypedValue = [.. partitions.Select(p => p.Partition.Partition)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. partitions.Select(p => p.NextOffset)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. partitions.Select(p => p.Epoch)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. partitions.Select(p => p.Expected)] },
                new NpgsqlParameter<string> { TypedValue = engine },
            },
        };
}

/// <summary>Partitions were taken over by another instance while their batch was in hand; its effects were rolled back.</summary>
internal sealed class PartitionsLostException(string group) : Exception($"Group '{group}' lost partitions to another instance.");
