using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;

namespace Platform.Eventing.Streams;

/// <summary>
/// A log of events: topics of partitions with dense offsets. One implementation per engine, chosen by connection string;
/// no service knows which one it has.
/// </summary>
public interface IEventStream
{
    /// <summary>Name of the engine, for logs and metrics.</summary>
    string Engine { get; }

    /// <summary>Makes topics and whatever else must be there before the first append or read. Safe on every instance at once.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Regular upkeep: retention and whatever must be there ahead of time. Safe on every instance at once.</summary>
    Task MaintainAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Appends in the given order per key and returns when every record is durable. The relay deletes them from the outbox
    /// afterwards, so a failure in between appends them again: readers drop duplicates by id.
    /// </summary>
    /// <param name="records">In outbox order.</param>
    /// <param name="relay">
    /// The relay's connection, in its open transaction, when the stream may share it (same database); the append is then
    /// exactly once. Null otherwise.
    /// </param>
    /// <returns>What to do once the relay's transaction is committed: tell the readers.</returns>
    Task<Action> AppendAsync(IReadOnlyList<OutboxRecord> records, NpgsqlConnection? relay, CancellationToken cancellationToken);

    /// <summary>The offset that the next message of each partition gets; a partition that is not named is empty.</summary>
    Task<IReadOnlyDictionary<TopicPartition, long>> ReadHeadsAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>Joins a consumer group.</summary>
    IStreamConsumer Join(ConsumerGroup group);
}

/// <summary>
/// One instance's membership in a consumer group. Used by one loop; not safe for concurrent calls. It neither stores nor
/// commits offsets: those live with the effects, in the service's database.
/// </summary>
public interface IStreamConsumer : IAsyncDisposable
{
    /// <summary>The partitions that this instance should read now. May change with every <see cref="ReceiveAsync"/>.</summary>
    IReadOnlySet<TopicPartition> Assigned { get; }

    /// <summary>Reads on from <paramref name="offset"/>; called for a partition after it was assigned and its offset was looked up.</summary>
    void Seek(TopicPartition partition, long offset);

    /// <summary>Stops reading a partition that is no longer assigned or was lost to another owner.</summary>
    void Forget(TopicPartition partition);

    /// <summary>
    /// Waits for records of sought partitions: at least one, or none when nothing came within the poll interval or the
    /// assignment changed. In offset order within a partition, and bounded in bytes too. What the call before returned counts as handled.
    /// </summary>
    /// <exception cref="StreamConsumerException">This membership is over; a new one may go on.</exception>
    Task<IReadOnlyList<StreamRecord>> ReceiveAsync(int maxRecords, CancellationToken cancellationToken);
}

/// <summary>A consumer cannot go on; a new one may.</summary>
public sealed class StreamConsumerException(string message, Exception inner) : Exception(message, inner);

/// <summary>The stream is not as it must be, and an operator can mend it; the message is fit for one line on stderr.</summary>
public abstract class StreamConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
