namespace Platform.Eventing.Streams;

/// <summary>One partition of one topic.</summary>
public readonly record struct TopicPartition(string Topic, int Partition);

/// <summary>A message as it stands in an outbox, numbered by its position there.</summary>
public sealed record OutboxRecord(
    long Position, string Topic, int Partition, string Key, Guid Id, string Headers, byte[] Payload);

/// <summary>A message as it stands in the stream.</summary>
/// <param name="Headers">The headers as one flat JSON object of strings, UTF-8.</param>
public sealed record StreamRecord(
    string Topic, int Partition, long Offset, string Key, Guid Id, string Headers, byte[] Payload);
