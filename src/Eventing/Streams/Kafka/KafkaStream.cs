using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// The event stream on Kafka. Brokers that are away at the start stop nothing: topics are prepared before the first append or read that
/// finds them, and until then the outbox grows.
/// </summary>
internal sealed partial class KafkaStream : IEventStream, IStreamClock, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly KafkaConnection _connection;
    private readonly EventingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly KafkaStatistics _statistics = new();
    private readonly KafkaAppender _appender;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _asking = new(1, 1);
    private IAdminClient? _admin;
    private Task? _preparation;
    private long _attempted;

    /// <exception cref="KafkaLibraryMissingException">The native library is not there.</exception>
    /// <exception cref="KafkaConnectionStringException">The connection string cannot be used.</exception>
    public KafkaStream(string connectionString, EventingOptions options, TimeProvider clock, ILogger<KafkaStream> logger)
    {
        LibrdKafka.Load();
        _connection = KafkaConnection.Parse(connectionString);
        _options = options;
        _clock = clock;
        _logger = logger;
        _appender = new(_connection, options.Instance, _statistics, logger);
    }

    public string Engine => "kafka";

    /// <exception cref="KafkaTopicException">A topic is not as it must be.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EnsurePreparedAsync(cancellationToken);
        }
        catch (KafkaException e)
        {
            LogUnreachable(_connection.BootstrapServers, e.Error.Reason);
        }
    }

    /// <summary>Kafka keeps its own retention.</summary>
    public Task MaintainAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<Action> AppendAsync(IReadOnlyList<OutboxRecord> records, NpgsqlConnection? relay, CancellationToken cancellationToken)
    {
        await EnsurePreparedAsync(cancellationToken);
        await _appender.AppendAsync(records, cancellationToken);
        return () => { };
    }

    public async Task<IReadOnlyDictionary<TopicPartition, long>> ReadHeadsAsync(Topic topic, CancellationToken cancellationToken)
    {
        await EnsurePreparedAsync(cancellationToken);
        await _asking.WaitAsync(cancellationToken);
        try
        {
            return await AskHeadsAsync(topic, cancellationToken);
        }
        catch (KafkaException)
        {
            // A client that sat idle while leaders moved or brokers were away takes about a minute to find them again; a new one asks at once.
            Interlocked.Exchange(ref _admin, null)?.Dispose();
            return await AskHeadsAsync(topic, cancellationToken);
        }
        finally
        {
            _asking.Release();
        }
    }

    public async Task<IReadOnlyDictionary<TopicPartition, DateTimeOffset>> ReadTimesAsync(
        IReadOnlyDictionary<TopicPartition, long> offsets, CancellationToken cancellationToken)
    {
        await EnsurePreparedAsync(cancellationToken);
        return await Task.Run(() => KafkaClock.Read(_connection, offsets, cancellationToken), cancellationToken);
    }

    public IStreamConsumer Join(ConsumerGroup group) =>
        new KafkaStreamConsumer(group, _connection, _options, _statistics, EnsurePreparedAsync, _clock, _logger);

    public void Dispose()
    {
        _appender.Dispose();
        _admin?.Dispose();
        _statistics.Dispose();
        _asking.Dispose();
    }

    private async Task<IReadOnlyDictionary<TopicPartition, long>> AskHeadsAsync(Topic topic, CancellationToken cancellationToken)
    {
        var asked = Enumerable.Range(0, topic.Partitions).Select(p => new TopicPartitionOffsetSpec
        {
            TopicPartition = _connection.OnCluster(new(topic.Name, p)),
            OffsetSpec = OffsetSpec.Latest(),
        });
        var answer = await Admin().ListOffsetsAsync(asked, new() { RequestTimeout = Patience }).WaitAsync(cancellationToken);
        var heads = new Dictionary<TopicPartition, long>();
        foreach (var info in answer.ResultInfos)
        {
            var found = info.TopicPartitionOffsetError;
            heads[_connection.Own(found.TopicPartition)] = found.Error.IsError ? throw new KafkaException(found.Error) : found.Offset.Value;
        }

        return heads;
    }

    /// <summary>Used by one at a time: while the topics are prepared, and then to ask for heads.</summary>
    private IAdminClient Admin() => _admin ??= new AdminClientBuilder(_connection.Configure(given => new AdminClientConfig(given), "platform-" + _options.Instance))
        .SetErrorHandler((_, e) => LogError(e.Code.ToString(), e.Reason))
        .SetLogHandler((_, _) => { })
        .Build();

    /// <summary>One attempt for all who wait, and after one that failed a moment's pause: brokers that are away must not be asked by each in turn.</summary>
    private async Task EnsurePreparedAsync(CancellationToken cancellationToken)
    {
        Task attempt;
        lock (_gate)
        {
            if (_preparation is null || (_preparation.IsFaulted && _clock.GetElapsedTime(_attempted) > Patience + _options.RetryDelay))
            {
                _attempted = _clock.GetTimestamp();

                // The library blocks while it asks for metadata.
                _preparation = Task.Run(() => new KafkaTopics(Admin(), _logger)
                    .PrepareAsync([.. Topics.All.Select(t => t with { Name = _connection.Prefix + t.Name })]), CancellationToken.None);
            }

            attempt = _preparation;
        }

        await attempt.WaitAsync(cancellationToken);
    }

    [LoggerMessage(1321, LogLevel.Warning, "Kafka at {Brokers} cannot be reached ({Reason}); events wait in the outbox until it can")]
    private partial void LogUnreachable(string brokers, string reason);

    [LoggerMessage(1322, LogLevel.Debug, "Kafka administration: {Code}: {Reason}")]
    private partial void LogError(string code, string reason);
}
