namespace Platform.Eventing.Status;

/// <summary>How one service's event path does: what it has not published yet, what its groups have not read yet, and what holds them up.</summary>
public sealed record ServiceStatus
{
    public required string Service { get; init; }

    /// <summary>Of the stream that its groups read.</summary>
    public required string Engine { get; init; }

    /// <summary>Why nothing but <see cref="Blocking"/> is known; null when all is.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Why heads and lags are not known; null when they are.</summary>
    public string? StreamUnreachable { get; init; }
    public OutboxStatus? Outbox { get; init; }
    public RelayStatus? Relay { get; init; }
    public required IReadOnlyList<GroupStatus> Groups { get; init; }

    /// <summary>Sessions of its database server that hold others up or keep a transaction open; null where it was not asked for.</summary>
    public IReadOnlyList<BlockingSession>? Blocking { get; init; }
}

/// <param name="Events">Committed and not yet published; counted up to 100,000.</param>
/// <param name="OldestAgeSeconds">Null when there is none.</param>
/// <param name="Bytes">Of the table and its indexes on disk, rows deleted and not yet vacuumed included.</param>
public sealed record OutboxStatus(long Events, double? OldestAgeSeconds, long Bytes);

/// <param name="Leader">The instance that publishes; empty before the first.</param>
public sealed record RelayStatus(string Leader, DateTimeOffset Since, long Epoch);

/// <summary>A consumer group.</summary>
public sealed record GroupStatus
{
    public required string Group { get; init; }

    /// <summary>Messages not yet read, of all partitions; null while the stream cannot be reached.</summary>
    public required long? Lag { get; init; }

    /// <summary>Age of the oldest unread one; null when there is none or the engine cannot tell.</summary>
    public required double? LagSeconds { get; init; }
    public required IReadOnlyList<PartitionStatus> Partitions { get; init; }

    /// <summary>Keys that wait behind an event whose handler fails.</summary>
    public required long ParkedKeys { get; init; }

    /// <summary>The first of them, those that wait longest first.</summary>
    public required IReadOnlyList<ParkedKey> Parked { get; init; }

    /// <summary>Dead events.</summary>
    public required long Dead { get; init; }
}

/// <param name="Engine">The stream engine; of one that the group moves away from only what is left to read is shown.</param>
/// <param name="Head">The offset that the next message gets; null while the stream cannot be reached.</param>
/// <param name="Owner">The instance that reads it; empty when none ever did.</param>
public sealed record PartitionStatus(
    string Engine, string Topic, int Partition, long NextOffset, long? Head, long? Lag, double? LagSeconds, string Owner, long Epoch);

/// <param name="Events">That wait, the failing one included.</param>
/// <param name="Attempts">At the failing one, since it was parked.</param>
public sealed record ParkedKey(
    string Topic, int Partition, string Key, long Events, int Attempts, DateTimeOffset NextAttemptAt, string? LastError);

/// <summary>A session of the database.</summary>
/// <param name="Why"><c>blocks</c> when others wait for its locks, else <c>long_transaction</c>.</param>
/// <param name="Blocks">What waits for it: relay, consumer, maintenance, request or other.</param>
/// <param name="Query">The head of its last statement, without any value that stood in it.</param>
public sealed record BlockingSession(
    int Pid, string Application, string Why, IReadOnlyList<string> Blocks, string State, DateTimeOffset? Since, double? TransactionSeconds, string Query);
