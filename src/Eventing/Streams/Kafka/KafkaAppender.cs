using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// Appends with the idempotent producer: acknowledged by all in-sync replicas, in order, without gaps. A producer that failed is thrown away
/// with everything it still had in hand, so that nothing of it comes after what is appended next.
/// </summary>
internal sealed partial class KafkaAppender(KafkaConnection connection, string instance, KafkaStatistics statistics, ILogger logger) : IDisposable
{
    /// <summary>How long a broker may be away before an append fails and the relay starts over.</summary>
    private const int TimeoutMs = 20_000;
    private readonly Lock _gate = new();
    private Session? _session;

    /// <summary>Returns when every record is acknowledged. Calls may overlap; each keeps its own order.</summary>
    /// <exception cref="KafkaException">Some were not, or not in time: they may or may not be in the stream.</exception>
    public async Task AppendAsync(IReadOnlyList<OutboxRecord> records, CancellationToken cancellationToken)
    {
        var session = Current();
        var pending = new PendingAppend(records.Count);
        try
        {
            foreach (var record in records)
            {
                session.Producer.Produce(connection.OnCluster(new(record.Topic, record.Partition)), new Message<byte[], byte[]>
                {
                    Key = System.Text.Encoding.UTF8.GetBytes(record.Key),
                    Value = record.Payload,
                    Headers = KafkaHeaders.Write(record.Headers),
                }, pending.Report);
            }

            // Another append of this producer may break it; no report would come any more.
            await await Task.WhenAny(pending.Done, session.Broken.Task).WaitAsync(cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw new KafkaException(ErrorCode.Local_Destroy, e);
        }
        catch
        {
            Discard(session);
            throw;
        }
    }

    public void Dispose()
    {
        if (_session is { } session)
        {
            Discard(session);
        }
    }

    private Session Current()
    {
        lock (_gate)
        {
            return _session ??= new(Create());
        }
    }

    private void Discard(Session session)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_session, session))
            {
                return;
            }

            _session = null;
        }

        session.Producer.Dispose();
        session.Broken.TrySetException(new KafkaException(ErrorCode.Local_Destroy));
        _ = session.Broken.Task.Exception;
    }

    private IProducer<byte[], byte[]> Create()
    {
        var config = connection.Configure(given => new ProducerConfig(given)
        {
            EnableIdempotence = true,
            EnableGaplessGuarantee = true,
            Acks = Acks.All,
            MessageTimeoutMs = TimeoutMs,
            MessageMaxBytes = KafkaTopics.MaxRecordBytes,
            StatisticsIntervalMs = KafkaStatistics.IntervalMs,
        }, "platform-" + instance);

        // The relay hands over whole batches, so there is nothing to wait for.
        config.LingerMs ??= 1;

        // What every client can read without a codec of its own; compression.type in the connection string says otherwise.
        config.CompressionType ??= CompressionType.None;
        config.Partitioner ??= Partitioner.Murmur2Random;
        return new ProducerBuilder<byte[], byte[]>(config)
            .SetStatisticsHandler((_, json) => statistics.Read(json))
            .SetErrorHandler((_, e) => LogError(e.Code.ToString(), e.Reason))
            .SetLogHandler((_, m) => LogNative(m.Facility, m.Message))
            .Build();
    }

    [LoggerMessage(1311, LogLevel.Warning, "Kafka producer: {Code}: {Reason}")]
    private partial void LogError(string code, string reason);

    [LoggerMessage(1312, LogLevel.Debug, "librdkafka producer {Facility}: {Message}")]
    private partial void LogNative(string facility, string message);

    private sealed record Session(IProducer<byte[], byte[]> Producer)
    {
        public TaskCompletionSource Broken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Counts the reports of one append; the first error fails it, when all have been heard.</summary>
    private sealed class PendingAppend(int count)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;
        private Error? _error;

        public Task Done => _done.Task;

        public void Report(DeliveryReport<byte[], byte[]> report)
        {
            if (report.Error.IsError || report.Status != PersistenceStatus.Persisted)
            {
                Interlocked.CompareExchange(ref _error, report.Error, null);
            }

            if (Interlocked.Decrement(ref _left) > 0)
            {
                return;
            }

            if (_error is null)
            {
                _done.TrySetResult();
            }
            else
            {
                _done.TrySetException(new KafkaException(_error));
            }
        }
    }
}
