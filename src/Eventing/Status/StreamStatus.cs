using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Status;

/// <summary>Answers "why is my stream stuck?" for the services of this process, from their databases: whichever instance is asked says the same.</summary>
public sealed class StreamStatus
{
    private const int MaxOutboxCount = 100_000;
    private const int MaxParkedKeys = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IReadOnlyList<ServiceDatabase> _databases;
    private readonly IReadOnlyList<ConsumerGroup> _groups;
    private readonly IEventStream _stream;
    private readonly PreviousStream _previous;
    private readonly IStreamClock _times;
    private readonly EventingOptions _options;
    private readonly TimeProvider _clock;

    internal StreamStatus(
        IEnumerable<ServiceDatabase> databases, IEnumerable<ConsumerGroup> groups, IEventStream stream, PreviousStream previous, IStreamClock times,
        EventingOptions options, TimeProvider clock)
    {
        _databases = [.. databases];
        _groups = [.. groups];
        _stream = stream;
        _previous = previous;
        _times = times;
        _options = options;
        _clock = clock;
    }

    /// <param name="service">Only this one; all when null.</param>
    /// <param name="group">Only this group; all when null.</param>
    /// <param name="blocking">Also look for sessions that hold others up.</param>
    public async Task<IReadOnlyList<ServiceStatus>> ReadAsync(string? service, string? group, bool blocking, CancellationToken cancellationToken)
    {
        var mine = _databases.Where(d => service is null || d.Schema == service).ToArray();
        var rows = await Task.WhenAll(mine.Select(d => ReadRowsAsync(d, cancellationToken)));
        var sessions = blocking ? await ReadBlockingAsync(mine, cancellationToken) : null;
        var registered = _groups.Where(g => mine.Contains(g.Database)).ToArray();
        var topics = rows.SelectMany(r => r.Offsets).Select(o => o.Place.Partition.Topic).Concat(registered.SelectMany(g => g.Topics).Select(t => t.Name))
            .Distinct(StringComparer.Ordinal).ToArray();
        var (heads, unreachable) = await ReadHeadsAsync(topics, [.. rows.SelectMany(r => r.Offsets)], cancellationToken);
        var all = new List<ServiceStatus>();
        foreach (var (database, row) in mine.Zip(rows))
        {
            var names = row.Outbox is null ? [] : row.Offsets.Select(o => o.Group).Concat(registered.Where(g => ReferenceEquals(g.Database, database)).Select(g => g.Name))
                .Distinct(StringComparer.Ordinal).Where(n => group is null || n == group).Order(StringComparer.Ordinal).ToArray();
            all.Add(new()
            {
                Service = database.Schema,
                Engine = _stream.Engine,
                Unreadable = row.Outbox is null ? "another session has locked its tables" : null,
                StreamUnreachable = unreachable,
                Outbox = row.Outbox,
                Relay = row.Relay,
                Groups = await Task.WhenAll(names.Select(n => GroupAsync(n, row, registered.FirstOrDefault(g => g.Name == n), heads, unreachable is null, cancellationToken))),
                Blocking = sessions?[database.System],
            });
        }

        return all;
    }

    private async Task<GroupStatus> GroupAsync(
        string name, Rows rows, ConsumerGroup? registered, IReadOnlyDictionary<Place, long> heads, bool reachable, CancellationToken cancellationToken)
    {
        var stored = rows.Offsets.Where(o => o.Group == name).ToDictionary(o => o.Place);

        // Topics that it reads no longer have offsets too, and say nothing about it.
        var topics = registered?.Topics.Select(t => t.Name).ToHashSet(StringComparer.Ordinal) ?? [.. stored.Keys.Select(p => p.Partition.Topic)];
        var partitions = heads.Keys.Union(stored.Keys).Where(p => topics.Contains(p.Partition.Topic))
            .Select(p => (Place: p, Next: stored.GetValueOrDefault(p)?.Next ?? 0, Head: heads.TryGetValue(p, out var head) ? head : reachable ? 0 : (long?)null))

            // Of the engine that the group comes from, what is left; one that it never read is none of its own.
            .Where(p => p.Place.Engine == _stream.Engine || (stored.ContainsKey(p.Place) && p.Head > p.Next))
            .OrderBy(p => p.Place.Engine, StringComparer.Ordinal).ThenBy(p => p.Place.Partition.Topic, StringComparer.Ordinal).ThenBy(p => p.Place.Partition.Partition)
            .ToArray();
        var since = await ReadTimesAsync(
            partitions.Where(p => p.Place.Engine == _stream.Engine && p.Head > p.Next).ToDictionary(p => p.Place.Partition, p => p.Next), cancellationToken);
        var now = _clock.GetUtcNow();
        double? Age(Place place) => place.Engine == _stream.Engine && since.TryGetValue(place.Partition, out var at) ? Math.Round(Math.Max(0, (now - at).TotalSeconds), 3) : null;

        return new()
        {
            Group = name,
            Lag = reachable ? partitions.Sum(p => Math.Max(0, p.Head!.Value - p.Next)) : null,
            LagSeconds = partitions.Max(p => Age(p.Place)),
            Partitions =
            [
                .. partitions.Select(p => new PartitionStatus(
                    p.Place.Engine, p.Place.Partition.Topic, p.Place.Partition.Partition, p.Next, p.Head, p.Head is null ? null : Math.Max(0, p.Head.Value - p.Next), Age(p.Place),
                    stored.GetValueOrDefault(p.Place)?.Owner ?? "", stored.GetValueOrDefault(p.Place)?.Epoch ?? 0)),
            ],
            ParkedKeys = rows.Parked.Count(p => p.Group == name),
            Parked = [.. rows.Parked.Where(p => p.Group == name).Take(MaxParkedKeys).Select(p => p.Key)],
            Dead = rows.Dead.GetValueOrDefault(name),
        };
    }

    /// <summary>The heads, or why they are not known: a stream that is away is one of the answers.</summary>
    private async Task<(Dictionary<Place, long> Heads, string? Unreachable)> ReadHeadsAsync(
        string[] names, IReadOnlyList<Offset> offsets, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var heads = new Dictionary<Place, long>();
        try
        {
            await ReadAsync(_stream);
            if (_previous.Stream is { } left && offsets.Any(o => o.Place.Engine == left.Engine) && await _previous.ExistsAsync(patience.Token))
            {
                await ReadAsync(left);
            }

            return (heads, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return (heads, $"the event stream cannot be reached: {(e is OperationCanceledException ? "no answer in time" : e.Message)}");
        }

        async Task ReadAsync(IEventStream engine)
        {
            var answers = await Task.WhenAll(Topics.All.Where(t => names.Contains(t.Name, StringComparer.Ordinal)).Select(t => engine.ReadHeadsAsync(t, patience.Token)));
            foreach (var (partition, head) in answers.SelectMany(a => a))
            {
                heads[new(engine.Engine, partition)] = head;
            }
        }
    }

    private async Task<IReadOnlyDictionary<TopicPartition, DateTimeOffset>> ReadTimesAsync(Dictionary<TopicPartition, long> behind, CancellationToken cancellationToken)
    {
        try
        {
            return behind.Count == 0 ? new Dictionary<TopicPartition, DateTimeOffset>() : await _times.ReadTimesAsync(behind, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It went away in between; the lag in events is known.
            return new Dictionary<TopicPartition, DateTimeOffset>();
        }
    }

    private async Task<Dictionary<NpgsqlDataSource, IReadOnlyList<BlockingSession>>> ReadBlockingAsync(ServiceDatabase[] mine, CancellationToken cancellationToken)
    {
        // Services that share a database share its sessions.
        var sources = mine.Select(d => d.System).Distinct().ToArray();
        var found = await Task.WhenAll(sources.Select(s => BlockingSessions.ReadAsync(s, _options.LongTransaction, cancellationToken)));
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
                new($"SELECT consumer_group, topic, partition, next_offset, owner, epoch, engine FROM {schema}.consumer_offset"),
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
            rows.Offsets.Add(new(reader.GetString(0), new(reader.GetString(6), new(reader.GetString(1), reader.GetInt32(2))), reader.GetInt64(3), reader.GetString(4), reader.GetInt64(5)));
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

    private readonly record struct Place(string Engine, TopicPartition Partition);

    private sealed record Offset(string Group, Place Place, long Next, string Owner, long Epoch);

    private sealed record Rows(
        OutboxStatus? Outbox, RelayStatus? Relay, List<Offset> Offsets, List<(string Group, ParkedKey Key)> Parked, Dictionary<string, long> Dead);
}
