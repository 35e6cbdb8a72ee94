using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>
/// The event stream on PostgreSQL. An append locks the rows of its topics, numbers the messages densely per partition and
/// inserts them; what is visible is therefore always a prefix of each partition.
/// </summary>
internal sealed class PostgresStream(DataSources sources, Notifier notifier, MembershipSession membership, EventingOptions options, TimeProvider clock)
    : IEventStream, IDisposable
{
    internal const string Channel = "platform_stream";
    private readonly StreamHeads _heads = new();
    private readonly NpgsqlDataSource _source = sources.Get(sources.StreamConnectionString, AccessScope.System);
    private readonly SemaphoreSlim _preparing = new(1, 1);
    private readonly HeadsAnnouncer _announcer = new(payloads =>
        notifier.NotifyAsync(sources.StreamConnectionString, Channel, payloads, CancellationToken.None));
    private bool _prepared;
    private IDisposable? _subscription;

    public string Engine => "postgresql";

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _preparing.WaitAsync(cancellationToken);
        try
        {
            if (_prepared)
            {
                return;
            }

            await StreamSchema.PrepareAsync(_source, cancellationToken);
            _subscription = notifier.Subscribe(sources.StreamConnectionString, Channel, payload => _heads.Advance(StreamHeads.Parse(payload)));
            _prepared = true;
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>A stream that is only read on to its end has never been prepared: its migrations come first.</summary>
    public Task MaintainAsync(CancellationToken cancellationToken) => _prepared
        ? StreamSchema.MaintainAsync(_source, Topics.All, cancellationToken)
        : StreamSchema.PrepareAsync(_source, cancellationToken);

    public async Task<Action> AppendAsync(IReadOnlyList<OutboxRecord> records, NpgsqlConnection? relay, CancellationToken cancellationToken)
    {
        List<(TopicPartition, long)> heads;
        try
        {
            heads = await WriteAsync(records, relay, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // No partition for today: this machine slept through the days that were made ahead. The relay's transaction is broken;
            // its next attempt finds the day.
            await MaintainAsync(cancellationToken);
            if (relay is not null)
            {
                throw;
            }

            heads = await WriteAsync(records, relay, cancellationToken);
        }

        return () =>
        {
            _heads.Advance(heads);

            // Other processes: outside the transaction, and not worth waiting for.
            _announcer.Announce(heads);
        };
    }

    public async Task<IReadOnlyDictionary<TopicPartition, long>> ReadHeadsAsync(Topic topic, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand($"SELECT partition, next_offset FROM {StreamSchema.Schema}.partition WHERE topic = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new Dictionary<TopicPartition, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads[new(topic.Name, reader.GetInt32(0))] = reader.GetInt64(1);
        }

        return heads;
    }

    public IStreamConsumer Join(ConsumerGroup group) => new PostgresStreamConsumer(group, _source, _heads, membership, options, clock);

    public void Dispose()
    {
        _subscription?.Dispose();
        _preparing.Dispose();
    }

    private async Task<List<(TopicPartition, long)>> WriteAsync(
        IReadOnlyList<OutboxRecord> records, NpgsqlConnection? relay, CancellationToken cancellationToken)
    {
        if (relay is not null)
        {
            return await InsertAsync(relay, records, cancellationToken);
        }

        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var heads = await InsertAsync(connection, records, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return heads;
    }

    private static async Task<List<(TopicPartition, long)>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<OutboxRecord> records, CancellationToken cancellationToken)
    {
        var topics = records.GroupBy(r => r.Topic, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        await using var batch = new NpgsqlBatch(connection);

        // Always in the same order: relays of different services append to the same topics.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"SELECT name FROM {StreamSchema.Schema}.topic WHERE name = ANY($1) ORDER BY name FOR UPDATE")
        {
            Parameters = { new() { Value = topics.Select(t => t.Key).ToArray() } },
        });
        foreach (var topic in topics)
        {
            batch.BatchCommands.Add(InsertCommand(topic.Key, [.. topic]));
        }

        var heads = new List<(TopicPartition, long)>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var topic in topics)
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                heads.Add((new(topic.Key, reader.GetInt32(0)), reader.GetInt64(1)));
            }
        }

        // A message is written where its partition's row is; without one it would be gone, and the outbox would forget it.
        var written = heads.Select(h => h.Item1).ToHashSet();
        return records.FirstOrDefault(r => !written.Contains(new(r.Topic, r.Partition))) is { } lost
            ? throw new InvalidOperationException($"The stream has no partition {lost.Partition} of '{lost.Topic}'; nothing was appended.")
            : heads;
    }

    /// <summary>
    /// One statement a topic: raises the partitions' next offsets and inserts the messages behind the old ones. The day is read
    /// from the clock after the topic's row is locked, so days grow with offsets.
    /// </summary>
    private static NpgsqlBatchCommand InsertCommand(string topic, OutboxRecord[] records)
    {
        var counts = new SortedDictionary<int, long>();
        var ordinals = new long[records.Length];
        for (var i = 0; i < records.Length; i++)
        {
            counts.TryGetValue(records[i].Partition, out var n);
            ordinals[i] = n;
            counts[records[i].Partition] = n + 1;
        }

        return new($"""
            WITH head AS (
                UPDATE {StreamSchema.Schema}.partition p SET next_offset = p.next_offset + c.n
                FROM unnest($2::int[], $3::bigint[]) AS c(partition, n)
                WHERE p.topic = $1 AND p.partition = c.partition
                RETURNING p.partition, p.next_offset, p.next_offset - c.n AS base
            ), written AS (
                INSERT INTO {StreamSchema.Table(topic)} (partition, stream_offset, day, key, id, headers, payload)
                SELECT m.partition, h.base + m.ordinal, (clock_timestamp() AT TIME ZONE 'UTC')::date, m.key, m.id, m.headers::json, m.payload
                FROM unnest($4::int[], $5::bigint[], $6::text[], $7::uuid[], $8::text[], $9::bytea[])
                    AS m(partition, ordinal, key, id, headers, payload)
                JOIN head h ON h.partition = m.partition
            )
            SELECT partition, next_offset FROM head
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = topic },
                new NpgsqlParameter<int[]> { TypedValue = [.. counts.Keys] },
                new NpgsqlParameter<long[]> { TypedValue = [.. counts.Values] },
                new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(records, r => r.Partition) },
                new NpgsqlParameter<long[]> { TypedValue = ordinals },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(records, r => r.Key) },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(records, r => r.Id) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(records, r => r.Headers) },
                new NpgsqlParameter<byte[][]> { TypedValue = Array.ConvertAll(records, r => r.Payload) },
            },
        };
    }
}
