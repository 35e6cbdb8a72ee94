using Platform.Contracts.Events;
using Platform.Eventing.Database;

namespace Platform.Eventing.Consumers;

/// <summary>A named reader of topics: each event reaches each group, whatever the number of its instances.</summary>
/// <param name="Name">Unique in the platform, prefixed by the service: <c>analytics.usage</c>.</param>
/// <param name="Database">Where its offsets, inbox and effects live.</param>
/// <param name="Topics">What it reads.</param>
public sealed record ConsumerGroup(string Name, ServiceDatabase Database, IReadOnlyList<Topic> Topics)
{
    /// <summary>Only these event types are handed over; empty for all.</summary>
    public IReadOnlySet<string> EventTypes { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Most records of one transaction.</summary>
    public int MaxBatch { get; init; } = 500;

    /// <summary>
    /// Least time between two reads. A group that was idle is served at once; a busy one takes more events in fewer
    /// transactions.
    /// </summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// True where effects are acted upon outside the database under identifiers of their own: the commit then waits for the disk, so that
    /// nothing is started that a crash of the server makes unknown.
    /// </summary>
    public bool WaitForDisk { get; init; }

    /// <summary>Attempts in place before the event's key is parked.</summary>
    public int InPlaceAttempts { get; init; } = 3;

    /// <summary>Further attempts while parked, before the event is dead.</summary>
    public int ParkedAttempts { get; init; } = 8;

    /// <summary>Set when somebody in this process parks one of the group's events.</summary>
    internal ParkedSignal Parked { get; } = new();

    /// <summary>True when events of this type are handed over.</summary>
    internal bool Wants(string eventType) => EventTypes.Count == 0 || EventTypes.Contains(eventType);

    /// <summary>False for a handler that is idempotent by itself (by version); it then needs no inbox rows. A group
    /// that reads dead letters must be: an event that dies twice comes twice under its one id.</summary>
    public bool UseInbox { get; init; } = !Topics.Any(t => t.HoldsDeadLetters);
}
