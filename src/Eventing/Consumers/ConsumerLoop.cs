using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Eventing.DeadLetters;
using Platform.Eventing.Streams;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Consumers;

/// <summary>
/// One instance's share of one consumer group: claims what it is assigned, reads, and runs each batch as one transaction.
/// A batch that fails is run again event by event; an event that keeps failing is parked with its key.
/// </summary>
internal sealed partial class ConsumerLoop : IAsyncDisposable
{
    private readonly ConsumerGroup _group;
    private readonly IStreamConsumer _stream;
    private readonly OffsetStore _offsets;
    private readonly ParkingLot _parking;
    private readonly ConsumerTransaction _transaction;
    private readonly Graveyard _graveyard;
    private readonly ParkedRetries _retries;
    private readonly EventingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IReadOnlyDictionary<TopicPartition, long>? _until;
    private readonly Dictionary<TopicPartition, OwnedPartition> _owned = [];
    private long _lastRead;

    /// <param name="until">Where each partition ends for this loop; null for never.</param>
    public ConsumerLoop(
        ConsumerGroup group, IEventHandler handler, IEventStream stream, IReadOnlyDictionary<TopicPartition, long>? until,
        EventingOptions options, TimeProvider clock, ILogger logger)
    {
        _until = until;
        _group = group;
        _stream = stream.Join(group);
        _offsets = new(group, stream.Engine, options.Instance);
        _parking = new(group, stream.Engine);
        _graveyard = new(group, stream.Engine, clock);
        _transaction = new(group, handler, _offsets, _graveyard, clock);
        _retries = new(group, _parking, _graveyard, _transaction, options, clock, logger);
        _options = options;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Offsets of the partitions in hand, by partition: what is committed.</summary>
    public IReadOnlyCollection<OwnedPartition> Owned => _owned.Values;

    /// <summary>Reconciles ownership, handles due parked events and at most one batch of new ones. Returns how many records it read.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        await ReconcileAsync(cancellationToken);
        await _retries.RunAsync(_owned, cancellationToken);
        await LingerAsync(cancellationToken);
        var records = await _stream.ReceiveAsync(_group.MaxBatch, cancellationToken);
        var mine = records.Where(IsMine).ToArray();
        if (mine.Length == 0)
        {
            return 0;
        }

        _lastRead = _clock.GetTimestamp();

        try
        {
            await ProcessAsync(mine, cancellationToken);
        }
        catch
        {
            // Not committed: read them again, from what the database says.
            ReleaseAll();
            throw;
        }

        return mine.Length;
    }

    /// <summary>Gives everything in hand up, to begin again with what the database says.</summary>
    public void Reset() => ReleaseAll();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private bool IsMine(StreamRecord record)
    {
        var partition = new TopicPartition(record.Topic, record.Partition);
        return _owned.ContainsKey(partition) && (_until is null || record.Offset < _until.GetValueOrDefault(partition));
    }

    private async Task LingerAsync(CancellationToken cancellationToken)
    {
        var rest = _group.Linger - _clock.GetElapsedTime(_lastRead);
        if (_lastRead != 0 && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, _clock, cancellationToken);
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        foreach (var lost in _owned.Keys.Where(p => !_stream.Assigned.Contains(p)).ToArray())
        {
            Release(lost);
        }

        var gained = _stream.Assigned.Where(p => !_owned.ContainsKey(p)).ToArray();
        if (gained.Length == 0)
        {
            return;
        }

        foreach (var owned in await _offsets.ClaimAsync(gained, cancellationToken))
        {
            _owned[owned.Partition] = owned;
            _stream.Seek(owned.Partition, owned.NextOffset);
        }

        await _parking.LoadAsync(cancellationToken);
        LogClaimed(_group.Name, gained.Length, _owned.Count);
    }

    private async Task ProcessAsync(StreamRecord[] records, CancellationToken cancellationToken)
    {
        try
        {
            await RunBatchAsync(records, cancellationToken);
        }
        catch (Exception e) when (e is not PartitionsLostException && !IsOutage(e) && !cancellationToken.IsCancellationRequested)
        {
            EventingTelemetry.Failures.Add(1, new KeyValuePair<string, object?>("group", _group.Name));
            if (records.Length == 1 && e is PoisonEventException)
            {
                await BuryAsync(records[0], tried: 1, e, cancellationToken);
                return;
            }

            if (records.Length > 1)
            {
                LogBatchFailed(_group.Name, records.Length, e);
            }

            foreach (var record in records)
            {
                await ProcessOneAsync(record, cancellationToken);
            }
        }
    }

    private async Task RunBatchAsync(IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken)
    {
        var held = _parking.IsEmpty ? [] : records.Where(_parking.Holds).ToArray();
        var events = new List<ReceivedEvent>(records.Count);
        foreach (var record in records)
        {
            if (held.Length > 0 && _parking.Holds(record))
            {
                continue;
            }

            var received = ReceivedEvent.Open(record);
            if (_group.Wants(received.Type))
            {
                events.Add(received);
            }
        }

        var advance = Advance(records);
        await _transaction.RunAsync(events, advance, batch =>
        {
            foreach (var record in held)
            {
                _parking.Park(batch, record, error: null, TimeSpan.Zero, tried: 0);
            }
        }, cancellationToken);
        foreach (var partition in advance)
        {
            _owned[partition.Partition] = partition;
        }
    }

    private async Task ProcessOneAsync(StreamRecord record, CancellationToken cancellationToken)
    {
        var delay = _options.InPlaceDelay;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunBatchAsync([record], cancellationToken);
                return;
            }
            catch (Exception e) when (e is not PartitionsLostException && !IsOutage(e) && !cancellationToken.IsCancellationRequested)
            {
                if (e is PoisonEventException)
                {
                    // Its key is not parked, or its handler would not have been asked.
                    await BuryAsync(record, attempt, e, cancellationToken);
                    return;
                }

                if (attempt >= _group.InPlaceAttempts)
                {
                    await ParkAsync(record, e, cancellationToken);
                    return;
                }

                await Task.Delay(delay, _clock, cancellationToken);
                delay *= 2;
            }
        }
    }

    private async Task ParkAsync(StreamRecord record, Exception error, CancellationToken cancellationToken)
    {
        var advance = Advance([record]);
        await _transaction.RunAsync([], advance, batch => _parking.Park(batch, record, ErrorText.Of(error), _options.ParkedDelay, _group.InPlaceAttempts), cancellationToken);
        _owned[advance[0].Partition] = advance[0];
        _parking.Add(record);
        EventingTelemetry.Poisoned.Add(1, new("group", _group.Name), new("outcome", "parked"));
        LogParked(_group.Name, record.Topic, record.Partition, record.Offset, record.Key, error);
    }

    private async Task BuryAsync(StreamRecord record, int tried, Exception error, CancellationToken cancellationToken)
    {
        LogPoison(_group.Name, record.Topic, record.Partition, record.Offset, record.Key, error);
        var advance = Advance([record]);
        var letter = _graveyard.Letter(record, parked: null, tried, error);
        await _transaction.RunAsync([], advance, batch => _graveyard.Bury(batch, letter), cancellationToken, _ => _graveyard.Messages(letter));
        _owned[advance[0].Partition] = advance[0];
        _graveyard.Count();
    }

    private List<OwnedPartition> Advance(IReadOnlyList<StreamRecord> records)
    {
        var next = new Dictionary<TopicPartition, long>();
        foreach (var record in records)
        {
            next[new(record.Topic, record.Partition)] = record.Offset + 1;
        }

        // A fixed order of row locks: two instances that disagree on ownership for a moment must not deadlock.
        return [.. next.OrderBy(n => n.Key.Topic, StringComparer.Ordinal).ThenBy(n => n.Key.Partition).Select(n => _owned[n.Key] with { NextOffset = n.Value, Expected = _owned[n.Key].NextOffset })];
    }

    private void Release(TopicPartition partition)
    {
        _owned.Remove(partition);
        _stream.Forget(partition);
    }

    private void ReleaseAll()
    {
        foreach (var partition in _owned.Keys.ToArray())
        {
            Release(partition);
        }
    }

    /// <summary>The database or the network is away, or two transactions collided: nothing is wrong with the event.</summary>
    internal static bool IsOutage(Exception e) =>
        e is NpgsqlException { IsTransient: true } or TimeoutException
        || e is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow }
        || (e is NpgsqlException and not PostgresException);

    [LoggerMessage(1201, LogLevel.Debug, "Group {Group} claimed {Gained} partitions and owns {Owned}")]
    private partial void LogClaimed(string group, int gained, int owned);

    [LoggerMessage(1202, LogLevel.Warning, "Group {Group} rolled back a batch of {Count} events and handles them one by one")]
    private partial void LogBatchFailed(string group, int count, Exception exception);

    [LoggerMessage(1203, LogLevel.Error, "Group {Group} parked {Topic}/{Partition}@{Offset} and its key {Key}")]
    private partial void LogParked(string group, string topic, int partition, long offset, string key, Exception exception);

    [LoggerMessage(1205, LogLevel.Error, "Group {Group} cannot ever handle {Topic}/{Partition}@{Offset} of key {Key}")]
    private partial void LogPoison(string group, string topic, int partition, long offset, string key, Exception exception);
}
