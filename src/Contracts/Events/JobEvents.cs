using System.Text.Json;

namespace Platform.Contracts.Events;

/// <summary>The state of a job after a step of its life.</summary>
public abstract record JobChanged
{
    public required string Id { get; init; }
    public required string Queue { get; init; }
    public required string Type { get; init; }

    /// <summary>scheduled, available, running, succeeded, retrying, dead or cancelled.</summary>
    public required string State { get; init; }

    /// <summary>Attempts started so far.</summary>
    public required int Attempt { get; init; }
    public required int MaxAttempts { get; init; }
    public JsonElement? Result { get; init; }
    public string? Error { get; init; }

    /// <summary>Milliseconds that the last attempt ran; null before the first.</summary>
    public double? DurationMs { get; init; }
}

public sealed record JobCreated : JobChanged, IEvent
{
    public static string EventType => EventTypes.JobCreated;
    public static Topic Topic => Topics.Core;
}

public sealed record JobSucceeded : JobChanged, IEvent
{
    public static string EventType => EventTypes.JobSucceeded;
    public static Topic Topic => Topics.Core;
}

public sealed record JobRetrying : JobChanged, IEvent
{
    public static string EventType => EventTypes.JobRetrying;
    public static Topic Topic => Topics.Core;
}

public sealed record JobDead : JobChanged, IEvent
{
    public static string EventType => EventTypes.JobDead;
    public static Topic Topic => Topics.Core;
}

public sealed record JobCancelled : JobChanged, IEvent
{
    public static string EventType => EventTypes.JobCancelled;
    public static Topic Topic => Topics.Core;
}
