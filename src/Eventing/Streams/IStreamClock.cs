namespace Platform.Eventing.Streams;

/// <summary>A stream that can tell when a message came. Optional: an engine that would have to read the message to know does without.</summary>
public interface IStreamClock
{
    /// <summary>When the first message at or behind each offset was appended; a partition that has none is not named.</summary>
    Task<IReadOnlyDictionary<TopicPartition, DateTimeOffset>> ReadTimesAsync(
        IReadOnlyDictionary<TopicPartition, long> offsets, CancellationToken cancellationToken);
}
