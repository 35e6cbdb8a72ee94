using Npgsql;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>
/// Reads a group's share of the partitions with plain offset cursors. The share follows from the list of members alone, so
/// all members compute the same split; while two disagree for a moment, the offset's epoch keeps their effects apart.
/// </summary>
internal sealed class PostgresStreamConsumer : IStreamConsumer
{
    /// <summary>Bytes of payload of one fetch; on top of it, one message of each partition always comes, however large.</summary>
    internal const int FetchBytes = 16 * 1024 * 1024;

    private readonly ConsumerGroup _group;
    private readonly NpgsqlDataSource _source;
    private readonly StreamHeads _heads;
    private readonly MembershipSession _membership;
    private readonly string _membershipDatabase;
    private readonly EventingOptions _options;
    private readonly TimeProvider _clock;
    private readonly AsyncSignal _moved = new();
    private readonly int _member;
    private readonly TopicPartition[] _all;
    private readonly Dictionary<TopicPartition, Cursor> _cursors = [];
    private HashSet<TopicPartition> _assigned = [];
    private long _membersRead;
    private long _headsRead;

    public PostgresStreamConsumer(
        ConsumerGroup group, NpgsqlDataSource source, StreamHeads heads, MembershipSession membership, EventingOptions options, TimeProvider clock)
    {
        _group = group;
        _source = source;
        _heads = heads;
        _membership = membership;
        _member = membership.MemberOf(group.Name);
        _membershipDatabase = group.Database.ConnectionString;
        _options = options;
        _clock = clock;
        _all = [.. group.Topics.SelectMany(t => Enumerable.Range(0, t.Partitions).Select(p => new TopicPartition(t.Name, p)))];
        _heads.AddWaiter(_moved, group.Topics.Select(t => t.Name).ToHashSet(StringComparer.Ordinal));
    }

    public IReadOnlySet<TopicPartition> Assigned => _assigned;

    public void Seek(TopicPartition partition, long offset) => _cursors[partition] = new(offset, DateOnly.MinValue);

    public void Forget(TopicPartition partition) => _cursors.Remove(partition);

    public async Task<IReadOnlyList<StreamRecord>> ReceiveAsync(int maxRecords, CancellationToken cancellationToken)
    {
        if (_membersRead == 0 || _clock.GetElapsedTime(_membersRead) >= _options.Rebalance)
        {
            if (await RebalanceAsync(cancellationToken))
            {
                return [];
            }
        }

        var behind = Behind();
        if (behind.Length == 0)
        {
            if (_headsRead == 0 || _clock.GetElapsedTime(_headsRead) >= _options.ConsumerPoll)
            {
                await PollHeadsAsync(cancellationToken);
                behind = Behind();
            }

            if (behind.Length == 0)
            {
                await _moved.WaitAsync(_options.ConsumerPoll, cancellationToken);
                behind = Behind();
            }
        }

        if (behind.Length == 0)
        {
            return [];
        }

        var records = await FetchAsync(behind, maxRecords, cancellationToken);
        return records.Count > 0 ? records : await SkipGapAsync(behind, maxRecords, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _heads.RemoveWaiter(_moved);
        await _membership.LeaveAsync(_membershipDatabase, _group.Name, _member);
    }

    private TopicPartition[] Behind() => [.. _cursors.Where(c => _heads[c.Key] > c.Value.Offset).Select(c => c.Key)];

    private async Task<bool> RebalanceAsync(CancellationToken cancellationToken)
    {
        var members = await _membership.JoinAsync(_membershipDatabase, _group.Name, _member, cancellationToken);
        _membersRead = _clock.GetTimestamp();
        var own = Array.IndexOf(members, _member);
        var assigned = own < 0 ? [] : _all.Where((_, i) => i % members.Length == own).ToHashSet();
        if (assigned.SetEquals(_assigned))
        {
            return false;
        }

        _assigned = assigned;
        return true;
    }

    private async Task PollHeadsAsync(CancellationToken cancellationToken)
    {
        var heads = await ReadHeadsAsync(cancellationToken);
        _headsRead = _clock.GetTimestamp();
        _heads.Advance(heads);
    }

    private async Task<List<(TopicPartition, long)>> ReadHeadsAsync(CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(
            $"SELECT topic, partition, next_offset FROM {StreamSchema.Schema}.partition WHERE topic = ANY($1)");
        command.Parameters.Add(new() { Value = _group.Topics.Select(t => t.Name).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new List<(TopicPartition, long)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads.Add((new(reader.GetString(0), reader.GetInt32(1)), reader.GetInt64(2)));
        }

        return heads;
    }

    /// <summary>
    /// Nothing from the cursors on, though the heads say otherwise. Looks at all days (a clock set back by more than a day); if there is
    /// nothing at all, retention took it, and the cursors move to heads that were read before that look: what came since lies behind them.
    /// </summary>
    private async Task<IReadOnlyList<StreamRecord>> SkipGapAsync(TopicPartition[] behind, int max, CancellationToken cancellationToken)
    {
        var heads = (await ReadHeadsAsync(cancellationToken)).ToDictionary(h => h.Item1, h => h.Item2);
        foreach (var partition in behind)
        {
            _cursors[partition] = _cursors[partition] with { Day = DateOnly.MinValue };
        }

        var records = await FetchAsync(behind, max, cancellationToken);
        if (records.Count > 0)
        {
            return records;
        }

        foreach (var partition in behind)
        {
            _cursors[partition] = new(Math.Max(_cursors[partition].Offset, heads.GetValueOrDefault(partition)), DateOnly.MinValue);
        }

        // A stream that was set back has lower heads than this process knew: ask again, but not at once.
        await Task.Delay(_options.InPlaceDelay, _clock, cancellationToken);
        return records;
    }

    private async Task<IReadOnlyList<StreamRecord>> FetchAsync(TopicPartition[] behind, int max, CancellationToken cancellationToken)
    {
        var topics = behind.GroupBy(b => b.Topic, StringComparer.Ordinal).ToArray();
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var topic in topics)
        {
            var cursors = topic.Select(p => (p.Partition, Cursor: _cursors[p])).ToArray();
            batch.BatchCommands.Add(FetchCommand(topic.Key, cursors, FirstDay(topic), Math.Max(1, max / behind.Length), FetchBytes / behind.Length));
        }

        var records = new List<StreamRecord>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var topic in topics)
        {
            var allDays = FirstDay(topic) == DateOnly.MinValue;
            while (await reader.ReadAsync(cancellationToken))
            {
                Accept(topic.Key, reader, allDays, records);
            }

            await reader.NextResultAsync(cancellationToken);
        }

        return records;
    }

    /// <summary>
    /// Takes a message that is the next of its partition. Where one is missing among the days that were looked at, it may lie in a day
    /// before them (a clock that was set back): the partition is read again over all its days. Where all days were looked at,
    /// retention took it.
    /// </summary>
    private void Accept(string topic, NpgsqlDataReader reader, bool allDays, List<StreamRecord> records)
    {
        var partition = new TopicPartition(topic, reader.GetInt32(0));
        var offset = reader.GetInt64(1);
        var cursor = _cursors[partition];
        if (offset < cursor.Offset)
        {
            throw new InvalidOperationException($"Offset {offset} of {topic}/{partition.Partition} came after {cursor.Offset - 1}.");
        }

        if (offset != cursor.Offset && !allDays)
        {
            _cursors[partition] = cursor with { Day = DateOnly.MinValue };
            return;
        }

        records.Add(new(topic, partition.Partition, offset, reader.GetString(3), reader.GetGuid(4), reader.GetString(5), reader.GetFieldValue<byte[]>(6)));
        _cursors[partition] = new(offset + 1, reader.GetFieldValue<DateOnly>(2));
    }

    /// <summary>The first day that a fetch looks at: one before that of the last message read, or all where that is unknown.</summary>
    private DateOnly FirstDay(IEnumerable<TopicPartition> partitions) =>
        partitions.Min(p => _cursors[p].Day) is var day && day > DateOnly.MinValue ? day.AddDays(-1) : DateOnly.MinValue;

    /// <summary>
    /// The next messages of several partitions, of each at most a number and a share of the bytes. A message's day is seldom before
    /// its predecessor's, so older day partitions are pruned; one day of slack covers a clock that was set back a little, and
    /// <see cref="Accept"/> the rest. Sizes are known without reading the payloads. A partition's rows come in the order of the
    /// window, whose rows they are; sorting them once more took a quarter of the fetch.
    /// </summary>
    private static NpgsqlBatchCommand FetchCommand(
        string topic, (int Partition, Cursor Cursor)[] cursors, DateOnly firstDay, int perPartition, long bytesPerPartition) =>
        new($"""
            SELECT m.partition, m.stream_offset, m.day, m.key, m.id, m.headers::text, m.payload
            FROM unnest($1::int[], $2::bigint[]) AS c(partition, start)
            CROSS JOIN LATERAL (
                SELECT n.*, sum(n.size) OVER (ORDER BY n.stream_offset ROWS UNBOUNDED PRECEDING) AS bytes FROM (
                    SELECT *, octet_length(t.payload) AS size FROM {StreamSchema.Table(topic)} t
                    WHERE t.partition = c.partition AND t.stream_offset >= c.start AND t.day >= $3
                    ORDER BY t.stream_offset LIMIT $4
                ) n
            ) m
            WHERE m.bytes - m.size < $5
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(cursors, c => c.Partition) },
                new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(cursors, c => c.Cursor.Offset) },
                new NpgsqlParameter<DateOnly> { TypedValue = firstDay },
                new NpgsqlParameter<int> { TypedValue = perPartition },
                new NpgsqlParameter<long> { TypedValue = bytesPerPartition },
            },
        };

    /// <param name="Offset">The next to read.</param>
    /// <param name="Day">Day of the last one read, to prune; the minimum when unknown.</param>
    private sealed record Cursor(long Offset, DateOnly Day);
}
