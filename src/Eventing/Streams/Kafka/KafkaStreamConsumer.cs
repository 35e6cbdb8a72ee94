using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// A group member on Kafka (cooperative-sticky). One thread does nothing but consume, so rebalances and heartbeats never wait for a handler;
/// it fills bounded buffers and pauses what runs full. A partition that is assigned starts where the loop seeks to: the thread waits for it
/// inside the assignment, and returns the offset from the service's database to the broker's protocol.
/// </summary>
internal sealed partial class KafkaStreamConsumer : IStreamConsumer
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an assignment waits for its offsets before it is given back.</summary>
    private static readonly TimeSpan OffsetsPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long a revocation waits for the batch in hand; its effects are fenced by the offset's epoch in any case.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(15);

    private readonly ConsumerGroup _group;
    private readonly EventingOptions _options;
    private readonly KafkaStatistics _statistics;
    private readonly Func<CancellationToken, Task> _prepare;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly AsyncSignal _ready = new();
    private readonly ReadBuffer _buffer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaConnection _connection;
    private Thread? _thread;
    private IConsumer<byte[], byte[]>? _consumer;
    private volatile Exception? _failure;
    private Reported? _reported;

    public KafkaStreamConsumer(
        ConsumerGroup group, KafkaConnection connection, EventingOptions options, KafkaStatistics statistics,
        Func<CancellationToken, Task> prepare, TimeProvider clock, ILogger logger)
    {
        _group = group;
        _options = options;
        _statistics = statistics;
        _prepare = prepare;
        _clock = clock;
        _logger = logger;
        _connection = connection;
        _buffer = new(_ready);
    }

    public IReadOnlySet<TopicPartition> Assigned => _buffer.Assigned;

    public void Seek(TopicPartition partition, long offset) => _buffer.Seek(partition, offset);

    public void Forget(TopicPartition partition) => _buffer.Forget(partition);

    public async Task<IReadOnlyList<StreamRecord>> ReceiveAsync(int maxRecords, CancellationToken cancellationToken)
    {
        if (_thread is null)
        {
            await _prepare(cancellationToken);
            Start();
        }

        var known = _buffer.Assigned;
        StoreHandled(_buffer.Handled());
        if (_buffer.IsEmpty)
        {
            await _ready.WaitAsync(_options.ConsumerPoll, cancellationToken);
        }

        if (_failure is { } failure)
        {
            throw new StreamConsumerException($"The Kafka consumer of group '{_group.Name}' failed: {failure.Message}", failure);
        }

        // A change of the assignment is looked at first: what it gained has no offset yet.
        return ReferenceEquals(known, _buffer.Assigned) ? _buffer.Take(maxRecords, Resume) : [];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _buffer.Close();
        if (_thread is not null)
        {
            try
            {
                await _ended.Task.WaitAsync(ClosePatience, _clock);
            }
            catch (TimeoutException)
            {
                LogNotClosed(_group.Name);
            }
        }

        _statistics.Forget(_group.Name);
        _stopping.Dispose();
    }

    private void Start()
    {
        _consumer = Build();
        _thread = new(Consume) { IsBackground = true, Name = "kafka " + _group.Name };
        _thread.Start();
    }

    private void Consume()
    {
        var consumer = _consumer!;
        try
        {
            consumer.Subscribe(_group.Topics.Select(t => _connection.Prefix + t.Name));
            while (!_stopping.IsCancellationRequested)
            {
                ApplySeeks(consumer);
                if (Next(consumer) is { } result && _buffer.Add(Record(result), result.Offset.Value))
                {
                    Pause(consumer, result.TopicPartition);
                }
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }

        try
        {
            // Leaves the group, so that the others need not wait for the session to run out.
            consumer.Close();
        }
        catch (Exception e)
        {
            LogCloseFailed(_group.Name, e.Message);
        }

        consumer.Dispose();
        _ready.Set();
        _ended.TrySetResult();
    }

    private ConsumeResult<byte[], byte[]>? Next(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            return consumer.Consume(PollInterval);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // The client goes on by itself: a broker away, a topic not there yet.
            Report(e.Error);
            return null;
        }
    }

    private void ApplySeeks(IConsumer<byte[], byte[]> consumer)
    {
        foreach (var (partition, offset) in _buffer.TakeSeeks())
        {
            try
            {
                consumer.Seek(new(_connection.OnCluster(partition), new Offset(offset)));
                consumer.Resume([_connection.OnCluster(partition)]);
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
            {
                // Assigned a moment ago and not yet being fetched: at the next turn.
                _buffer.SeekAgain(partition, offset);
            }
        }
    }

    private List<TopicPartitionOffset> OnAssigned(List<Confluent.Kafka.TopicPartition> partitions)
    {
        var offsets = _buffer.Assign([.. partitions.Select(_connection.Own)], OffsetsPatience, _stopping.Token);
        return [.. partitions.Select(p => new TopicPartitionOffset(p, new Offset(offsets[_connection.Own(p)])))];
    }

    private void OnRevoked(IEnumerable<TopicPartitionOffset> partitions, bool lost) =>
        _buffer.Revoke([.. partitions.Select(p => _connection.Own(p.TopicPartition))], lost ? TimeSpan.Zero : DrainPatience);

    /// <summary>For the tools that show a group's progress; the offsets that count are in the service's database.</summary>
    private void StoreHandled(IEnumerable<(TopicPartition Partition, long Next)> handled)
    {
        foreach (var (partition, next) in handled)
        {
            try
            {
                _consumer!.StoreOffset(new TopicPartitionOffset(_connection.OnCluster(partition), new Offset(next)));
            }
            catch (KafkaException)
            {
                // Not assigned any more.
            }
        }
    }

    private void Pause(IConsumer<byte[], byte[]> consumer, Confluent.Kafka.TopicPartition partition)
    {
        try
        {
            consumer.Pause([partition]);
        }
        catch (KafkaException)
        {
            // Revoked in between.
        }
    }

    private void Resume(TopicPartition partition)
    {
        try
        {
            _consumer!.Resume([_connection.OnCluster(partition)]);
        }
        catch (KafkaException)
        {
            // Revoked in between.
        }
    }

    private IConsumer<byte[], byte[]> Build()
    {
        var config = _connection.Configure(given => new ConsumerConfig(given)
        {
            GroupId = _connection.Prefix + _group.Name,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            EnableAutoOffsetStore = false,
            EnableAutoCommit = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            StatisticsIntervalMs = KafkaStatistics.IntervalMs,
        }, "platform-" + _options.Instance);
        config.SessionTimeoutMs ??= 10_000;
        config.HeartbeatIntervalMs ??= 2_000;
        config.QueuedMaxMessagesKbytes ??= 16 * 1024;
        config.QueuedMinMessages ??= 10_000;
        config.FetchWaitMaxMs ??= 100;
        return new ConsumerBuilder<byte[], byte[]>(config)
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions, lost: false))
            .SetPartitionsLostHandler((_, partitions) => OnRevoked(partitions, lost: true))
            .SetStatisticsHandler((_, json) => _statistics.Read(json, _group.Name))
            .SetErrorHandler((_, e) => Report(e))
            .SetLogHandler((_, m) => LogNative(m.Facility, m.Message))
            .Build();
    }

    /// <summary>A broker that is away is refused many times a second: one line says so every ten seconds.</summary>
    private void Report(Error error)
    {
        var now = _clock.GetTimestamp();
        if (_reported is { } last && last.Code == error.Code && _clock.GetElapsedTime(last.At, now) < TimeSpan.FromSeconds(10))
        {
            LogNative(error.Code.ToString(), error.Reason);
            return;
        }

        _reported = new(error.Code, now);
        LogError(_group.Name, error.Code.ToString(), error.Reason);
    }

    private StreamRecord Record(ConsumeResult<byte[], byte[]> result)
    {
        var (topic, partition) = _connection.Own(result.TopicPartition);
        var message = result.Message;
        return new(
            topic, partition, result.Offset.Value, KafkaHeaders.Text(message.Key),
            KafkaHeaders.IdOf(message.Headers, topic, partition, result.Offset.Value), KafkaHeaders.Read(message.Headers), message.Value ?? []);
    }

    [LoggerMessage(1331, LogLevel.Warning, "Kafka consumer of {Group}: {Code}: {Reason}")]
    private partial void LogError(string group, string code, string reason);

    [LoggerMessage(1332, LogLevel.Debug, "librdkafka consumer {Facility}: {Message}")]
    private partial void LogNative(string facility, string message);

    [LoggerMessage(1333, LogLevel.Warning, "The Kafka consumer of {Group} did not leave in time; its session will run out")]
    private partial void LogNotClosed(string group);

    [LoggerMessage(1334, LogLevel.Information, "The Kafka consumer of {Group} could not leave: {Reason}")]
    private partial void LogCloseFailed(string group, string reason);

    private sealed record Reported(ErrorCode Code, long At);
}
