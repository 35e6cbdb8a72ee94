using System.Diagnostics;
using Confluent.Kafka;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>When the records at given offsets were appended: Kafka knows times by record, so one of each partition is read.</summary>
internal static class KafkaClock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Blocks for two seconds at most; a partition that did not answer in time is not named.</summary>
    public static Dictionary<TopicPartition, DateTimeOffset> Read(
        KafkaConnection connection, IReadOnlyDictionary<TopicPartition, long> offsets, CancellationToken cancellationToken)
    {
        var config = connection.Configure(given => new ConsumerConfig(given)
        {
            // Never joined: partitions are named.
            GroupId = connection.Prefix + "platform.clock",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchMaxBytes = KafkaTopics.MaxRecordBytes,
            MaxPartitionFetchBytes = 16 * 1024,
            QueuedMinMessages = 1,
        }, "platform-clock");
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(offsets.Select(o => new TopicPartitionOffset(connection.OnCluster(o.Key), new Offset(o.Value))));
        var times = new Dictionary<TopicPartition, DateTimeOffset>();
        var started = Stopwatch.GetTimestamp();
        while (times.Count < offsets.Count && Stopwatch.GetElapsedTime(started) < Patience && !cancellationToken.IsCancellationRequested)
        {
            if (Next(consumer) is { } result && times.TryAdd(connection.Own(result.TopicPartition), new DateTimeOffset(result.Message.Timestamp.UtcDateTime)))
            {
                consumer.Pause([result.TopicPartition]);
            }
        }

        return times;
    }

    private static ConsumeResult<Ignore, Ignore>? Next(IConsumer<Ignore, Ignore> consumer)
    {
        try
        {
            return consumer.Consume(TimeSpan.FromMilliseconds(50));
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // The client goes on by itself.
            return null;
        }
    }
}
