namespace Platform.Eventing.Streams;

/// <summary>Tells when messages came, for those who ask how far behind a reader is.</summary>
public interface IStreamClock
{
    /// <summary>When the first message at or behind each offset was appended; a partition that has none is not named.</summary>
    Task<IReadOnlyDictionary<TopicPartition, DateTimeOffset>> ReadTimesAsync(
        IReadOnlyDictionary<TopicPartition, long> offsets, CancellationToken cancellationToken);
}
