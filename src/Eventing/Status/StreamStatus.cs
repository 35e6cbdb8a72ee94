using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Status;

/// <summary>Answers "why is my stream stuck?" for the services of this process, from their databases: whichever instance is asked says the same.</summary>
public sealed class StreamStatus(
    IEnumerable<ServiceDatabase> databases, IEnumerable<ConsumerGroup> groups, IEventStream stream, EventingOptions options, TimeProvider clock,
    IStreamClock? times = null)
{
    private const int MaxOutboxCount = 100_000;
    private const int MaxParkedKeys = 100;

    /// <param name="service">Only this one; all when null.</param>
    /// <param name="group">Only this group; all when null.</param>
    /// <param name="blocking">Also look for sessions that hold others up.</param>
    public async Task<IReadOnlyList<ServiceStatus>> ReadAsync(string? service, string? group, bool blocking, CancellationToken cancellationToken)
    {
        var mine = databases.Where(d => service is null || d.Schema == service).ToArray();
        var rows = await Task.WhenAll(mine.Select(d => ReadRowsAsync(d, cancellationToken)));
        var sessions = blocking ? await ReadBlockingAsync(mine, cancellationToken) : null;
        var offsets = rows.SelectMany(r => r.Offsets).ToArray();
        var registered = groups.Where(g => mine.Contains(g.Database)).ToArray();
        var heads = await ReadHeadsAsync(
            [.. offsets.Select(o => o.Partition.Topic), .. registered.SelectMany(g => g.Topics).Select(t => t.Name)], cancellationToken);
        var all = new List<ServiceStatus>();
        foreach (var (database, row) in mine.Zip(rows))
        {
            var names = row.Outbox is null ? [] : row.Offsets.Select(o => o.Group).Concat(registered.Where(g => ReferenceEquals(g.Database, database)).Select(g => g.Name))
                .Distinct(StringComparer.Ordinal).Where(n => group is null || n == group).Order(StringComparer.Ordinal).ToArray();
            all.Add(new()
            {
                Service = database.Schema,
                Engine = stream.Engine,
                Unreadable = row.Outbox is null ? "another session has locked its tables" : null,
                Outbox = row.Outbox,
                Relay = row.Relay,
                Groups = await Task.WhenAll(names.Select(n => GroupAsync(n, row, registered.FirstOrDefault(g => g.Name == n), heads, cancellationToken))),
                Blocking = sessions?[database.System],
            });
        }

        return all;
    }

    private async Task<GroupStatus> GroupAsync(
        string name, Rows rows, ConsumerGroup? registered, IReadOnlyDictionary<TopicPartition, long> heads, CancellationToken cancellationToken)
    {
        var stored = rows.Offsets.Where(o => o.Group == name).ToDictionary(o => o.Partition);

        // Topics that it reads no longer have offsets too, and say nothing about it.
        var topics = registered?.Topics.Select(t => t.Name).ToHashSet(StringComparer.Ordinal) ?? [.. stored.Keys.Select(p => p.Topic)];
        var partitions = heads.Keys.Union(stored.Keys).Where(p => topics.Contains(p.Topic))
            .OrderBy(p => p.Topic, StringComparer.Ordinal).ThenBy(p => p.Partition)
            .Select(p => (Partition: p, Next: stored.GetValueOrDefault(p)?.Next ?? 0, Head: heads.GetValueOrDefault(p))).ToArray();
        var behind = partitions.Where(p => p.Head > p.Next).ToDictionary(p => p.Partition, p => p.Next);
        var since = times is null || behind.Count == 0
            ? new Dictionary<TopicPartition, DateTimeOffset>()
            : await times.ReadTimesAsync(behind, cancellationToken);
        var now = clock.GetUtcNow();
        double? Age(TopicPartition partition) => since.TryGetValue(partition, out var at) ? Math.Round(Math.Max(0, (now - at).TotalSeconds), 3) : null;

        return new()
        {
            Group = name,
            Lag = partitions.Sum(p => Math.Max(0, p.Head - p.Next)),
            LagSeconds = partitions.Max(p => Age(p.Partition)),
            Partitions =
            [
                .. partitions.Select(p => new PartitionStatus(
                    p.Partition.Topic, p.Partition.Partition, p.Next, p.Head, Math.Max(0, p.Head - p.Next), Age(p.Partition),
                    stored.GetValueOrDefault(p.Partition)?.Owner ?? "", stored.GetValueOrDefault(p.Partition)?.Epoch ?? 0)),
            ],
            ParkedKeys = rows.Parked.Count(p => p.Group == name),
            Parked = [.. rows.Parked.Where(p => p.Group == name).Take(MaxParkedKeys).Select(p => p.Key)],
            Dead = rows.Dead.GetValueOrDefault(name),
        };
    }

    private async Task<IReadOnlyDictionary<TopicPartition, long>> ReadHeadsAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var topics = names.Distinct(StringComparer.Ordinal).Select(n => Topics.All.FirstOrDefault(t => t.Name == n)).OfType<Topic>();
        var heads = new Dictionary<TopicPartition, long>();
        foreach (var topic in topics)
        {
            foreach (var (partition, head) in await stream.ReadHeadsAsync(topic, cancellationToken))
            {
                heads[partition] = head;
            }
        }

        return heads;
    }

    private async Task<Dictionary<NpgsqlDataSource, IReadOnlyList<BlockingSession>>> ReadBlockingAsync(ServiceDatabase[] mine, CancellationToken cancellationToken)
    {
        // Services that share a database share its sessions.
        var sources = mine.Select(d => d.System).Distinct().ToArray();
        var found = await Task.WhenAll(sources.Select(s => BlockingSessions.ReadAsync(s, options.LongTransaction, cancellationToken)));
        return sources.Zip(found).ToDictionary(p => p.First, p => p.Second);
    }

    /// <summary>A table that somebody has locked for himself is what may be wrong: it is not waited for.</summary>
    private async Task<Rows> ReadRowsAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadTablesAsync(database, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return new(null, null, [], [], []);
        }
    }

    private async Task<Rows> ReadTablesAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        var schema = database.Schema;
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT set_config('lock_timeout', '1s', true)"),
                new($"""
                    SELECT (SELECT count(*) FROM (SELECT FROM {schema}.outbox LIMIT {MaxOutboxCount}) o),
                        (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM {schema}.outbox ORDER BY position LIMIT 1),
                        pg_total_relation_size('{schema}.outbox'), instance, since, epoch FROM {schema}.relay_leader
                    """),
                new($"SELECT consumer_group, topic, partition, next_offset, owner, epoch FROM {schema}.consumer_offset WHERE engine = $1")
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = stream.Engine } },
                },
                new($"""
                    SELECT consumer_group, topic, min(partition), key, count(*), (array_agg(attempts ORDER BY stream_offset))[1],
                        (array_agg(next_attempt_at ORDER BY stream_offset))[1], (array_agg(left(last_error, 1000) ORDER BY stream_offset))[1]
                    FROM {schema}.parked_event GROUP BY consumer_group, topic, key ORDER BY min(parked_at)
                    """),
                new($"SELECT consumer_group, count(*) FROM {schema}.dead_event GROUP BY consumer_group"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var outbox = new OutboxStatus(reader.GetInt64(0), reader.IsDBNull(1) ? null : Math.Round(Math.Max(0, reader.GetDouble(1)), 3), reader.GetInt64(2));
        var relay = new RelayStatus(reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetInt64(5));
        var rows = new Rows(outbox, relay, [], [], []);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Offsets.Add(new(reader.GetString(0), new(reader.GetString(1), reader.GetInt32(2)), reader.GetInt64(3), reader.GetString(4), reader.GetInt64(5)));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Parked.Add((reader.GetString(0), new(reader.GetString(1), reader.GetInt32(2), reader.GetString(3), reader.GetInt64(4),
                reader.GetInt32(5), reader.GetFieldValue<DateTimeOffset>(6), reader.IsDBNull(7) ? null : reader.GetString(7))));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Dead[reader.GetString(0)] = reader.GetInt64(1);
        }

        return rows;
    }

    private sealed record Offset(string Group, TopicPartition Partition, long Next, string Owner, long Epoch);

    private sealed record Rows(
        OutboxStatus? Outbox, RelayStatus? Relay, List<Offset> Offsets, List<(string Group, ParkedKey Key)> Parked, Dictionary<string, long> Dead);
}
