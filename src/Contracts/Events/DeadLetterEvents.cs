namespace Platform.Contracts.Events;

/// <summary>An event that a consumer group gave up, by its place in the stream.</summary>
public abstract record DeadLetterChanged
{
    /// <summary><c>dlq_...</c></summary>
    public required string Id { get; init; }

    /// <summary>The consumer group that gave it up; its name begins with the service's.</summary>
    public required string Group { get; init; }

    /// <summary>Where it came from: a topic, not its <c>.dlq</c>.</summary>
    public required string Topic { get; init; }
    public required int Partition { get; init; }
    public required long Offset { get; init; }

    /// <summary>The event that died, <c>evt_...</c>.</summary>
    public required string EventId { get; init; }

    /// <summary>How often it has died: 1 the first time, one more after each redrive that failed.</summary>
    public required int Deaths { get; init; }
}

/// <summary>Somebody wants the event tried again: the group's service puts it back in its place.</summary>
public sealed record DeadLetterRedriveRequested : DeadLetterChanged, IEvent
{
    public static string EventType => EventTypes.DeadLetterRedriveRequested;

    // The record has a property of this name: where the event died.
    static Topic IEvent.Topic => Topics.Control;
}

/// <summary>A redriven event was handled: it is a dead letter no more.</summary>
public sealed record DeadLetterRedriven : DeadLetterChanged, IEvent
{
    public static string EventType => EventTypes.DeadLetterRedriven;
    static Topic IEvent.Topic => Topics.Control;
}
