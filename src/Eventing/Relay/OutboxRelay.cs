using System.Diagnostics;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Relay;

/// <summary>
/// Moves committed events from one schema's outbox to the stream, in position order, and deletes what the stream has.
/// One leader per schema: it holds an advisory lock on the very connection that it works on, and every transaction checks
/// the epoch it was elected with, so a leader that lost its session, or was frozen and replaced, publishes nothing more.
/// There is no cursor: a row that becomes visible late (its transaction was slow) is simply still there.
/// </summary>
internal sealed class OutboxRelay : IAsyncDisposable
{
    /// <summary>Most bytes of payload in one append; one event is always taken.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;
    private readonly ServiceDatabase _database;
    private readonly IEventStream _stream;
    private readonly string _instance;
    private readonly string _connectionString;
    private readonly string _readSql;
    private readonly KeyValuePair<string, object?> _tag;
    private NpgsqlConnection? _connection;
    private long _epoch = -1;

    public OutboxRelay(ServiceDatabase database, IEventStream stream, string connectionString, string instance)
    {
        _database = database;
        _stream = stream;
        _instance = instance;
        _tag = new("service", database.Schema);

        // The loop's statements are few and always the same: prepared once on this connection. Plans that were made while the outbox was empty,
        // as it mostly is, must not scan and sort all of it once there is a backlog.
        _connectionString = SessionSettings.Add(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 }.ConnectionString,
            "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off");
        // The sizes of large payloads are known without reading them, so what goes beyond the budget costs nothing.
        _readSql = $"""
            SELECT position, topic, partition, key, id, headers::text, payload FROM (
                SELECT *, sum(octet_length(payload)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS running
                FROM {database.Schema}.outbox ORDER BY position LIMIT $1
            ) o
            WHERE running <= {MaxBytes} OR running = octet_length(payload) ORDER BY position
            """;
    }

    /// <summary>True while this instance leads.</summary>
    public bool IsLeader => _epoch >= 0;

    /// <summary>Tries to become the leader. False when another instance is.</summary>
    public async Task<bool> TryLeadAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            var connection = new NpgsqlConnection(_connectionString);
            try
            {
                await connection.OpenAsync(cancellationToken);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }

            _connection = connection;
        }

        await using var acquire = new NpgsqlCommand(
            $"SELECT pg_try_advisory_lock(hashtextextended('platform.relay.{_database.Schema}', 0))", _connection);
        if (await acquire.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return false;
        }

        await using var elect = new NpgsqlCommand(
            $"UPDATE {_database.Schema}.relay_leader SET epoch = epoch + 1, instance = $1, since = now() RETURNING epoch", _connection)
        {
            Parameters = { new() { Value = _instance } },
        };
        _epoch = (long)(await elect.ExecuteScalarAsync(cancellationToken))!;
        EventingTelemetry.RelayLeader.Add(1, _tag);
        return true;
    }

    /// <summary>Publishes at most <paramref name="max"/> events. Returns how many; 0 when the outbox was empty.</summary>
    /// <exception cref="RelayFencedException">Another leader was elected; this one must start over.</exception>
    public async Task<int> RunOnceAsync(int max, CancellationToken cancellationToken)
    {
        var connection = _connection ?? throw new InvalidOperationException("The relay does not lead.");
        var started = Stopwatch.GetTimestamp();
        var records = await ReadAsync(connection, max, cancellationToken);
        if (records.Count == 0)
        {
            return 0;
        }

        using var activity = EventTraces.Start("publish outbox", ActivityKind.Producer, records.Count, i => EventTraces.ParentIn(records[i].Headers));
        activity?.SetTag("messaging.operation.name", "publish");
        activity?.SetTag("platform.service", _database.Schema);

        var tell = await _stream.AppendAsync(records, _database.HoldsStream ? connection : null, cancellationToken);
        await FinishAsync(connection, records, cancellationToken);
        tell();
        EventingTelemetry.Relayed.Add(records.Count, _tag);
        EventingTelemetry.RelayBatch.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, _tag);
        return records.Count;
    }

    /// <summary>Gives up leadership and the connection; the lock goes with it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsLeader)
        {
            EventingTelemetry.RelayLeader.Add(-1, _tag);
        }

        _epoch = -1;
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    /// <summary>
    /// Deletes what the stream has. A leader that was replaced meanwhile may delete too: the rows are the very ones that it has appended.
    /// </summary>
    private async Task FinishAsync(NpgsqlConnection connection, List<OutboxRecord> records, CancellationToken cancellationToken)
    {
        await using var finish = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"DELETE FROM {_database.Schema}.outbox WHERE position = ANY($1)")
                {
                    Parameters = { new() { Value = records.Select(r => r.Position).ToArray() } },
                },
            },
        };
        if (_database.HoldsStream)
        {
            finish.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        await finish.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Opens the transaction, checks the epoch and reads, in one round trip. Where the stream cannot share the transaction, or nothing was read,
    /// it ends at once: none is held open while another server is waited for.
    /// </summary>
    private async Task<List<OutboxRecord>> ReadAsync(NpgsqlConnection connection, int max, CancellationToken cancellationToken)
    {
        var records = new List<OutboxRecord>();
        await using (var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("BEGIN"),
                new NpgsqlBatchCommand($"SELECT epoch FROM {_database.Schema}.relay_leader WHERE epoch = $1 FOR SHARE")
                {
                    Parameters = { new NpgsqlParameter<long> { TypedValue = _epoch } },
                },
                new NpgsqlBatchCommand(_readSql) { Parameters = { new NpgsqlParameter<int> { TypedValue = max } } },
            },
        })
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                throw new RelayFencedException(_database.Schema, _epoch);
            }

            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                records.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3),
                    reader.GetGuid(4), reader.GetString(5), reader.GetFieldValue<byte[]>(6)));
            }
        }

        if (records.Count == 0 || !_database.HoldsStream)
        {
            await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
            await rollback.ExecuteNonQueryAsync(cancellationToken);
        }

        return records;
    }
}

/// <summary>Another relay leader has been elected since.</summary>
internal sealed class RelayFencedException(string schema, long epoch)
    : Exception($"The relay of '{schema}' lost its leadership of epoch {epoch}.");
