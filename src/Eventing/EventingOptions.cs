using System.ComponentModel.DataAnnotations;

namespace Platform.Eventing;

/// <summary>How the event path runs. The defaults suit one machine as well as a cluster.</summary>
public sealed class EventingOptions
{
    /// <summary>Name of this process in owner columns and logs.</summary>
    public string Instance { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>How long an idle relay waits before it looks without having been woken.</summary>
    public TimeSpan RelayPoll { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Least time between two relay transactions. An idle relay publishes at once; a busy one moves more events with each commit.
    /// </summary>
    public TimeSpan RelayLinger { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Most events of one relay transaction.</summary>
    [Range(1, 10_000)]
    public int RelayBatch { get; set; } = 1000;

    /// <summary>How often an instance that does not lead tries to.</summary>
    public TimeSpan ElectionRetry { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an idle consumer waits before it looks without having been woken.</summary>
    public TimeSpan ConsumerPoll { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often group membership is looked at.</summary>
    public TimeSpan Rebalance { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause after a failure of the database or the stream.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pause before the second attempt at an event in place; doubles.</summary>
    public TimeSpan InPlaceDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Pause before the first attempt at a parked event; doubles up to an hour.</summary>
    public TimeSpan ParkedDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a group looks for events that were parked by others (a redrive).</summary>
    public TimeSpan ParkedPoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a group handles parked events before it looks at new ones again.</summary>
    public TimeSpan ParkedTurn { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the state of the event path is looked at, for metrics and health.</summary>
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>From this age of the oldest unpublished event on, health says degraded.</summary>
    public TimeSpan DegradedOutboxAge { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>From this age of the oldest unread event on, health says degraded.</summary>
    public TimeSpan DegradedLag { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>From this age on, an open transaction is named among what holds the event path up.</summary>
    public TimeSpan LongTransaction { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// <c>postgresql</c> keeps events on PostgreSQL although a Kafka is configured: on the way back, while the rest that is on Kafka is read.
    /// Empty: Kafka when it is configured.
    /// </summary>
    [RegularExpression("(?i:postgresql|kafka)")]
    public string Stream { get; set; } = "";

    /// <summary>After a move from one stream engine to the other: how often the old one is looked at for late events.</summary>
    public TimeSpan RemainderCheck { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often day partitions are made and dropped.</summary>
    public TimeSpan Maintenance { get; set; } = TimeSpan.FromHours(1);
}
