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

/// <summary>
/// Another system asks for a job: the same document as the body of <c>POST /v1/jobs</c>. The queue is the topic's
/// (<see cref="TopicOf"/>), the organization the envelope's.
/// </summary>
public sealed record JobSubmitted : IEvent
{
    public static string EventType => EventTypes.JobSubmitted;

    /// <summary>Of the queue <c>default</c>; <see cref="TopicOf"/> for the others.</summary>
    public static Topic Topic => Topics.JobsDefault;

    public required string Type { get; init; }

    /// <summary>An object, by the rules of the type.</summary>
    public required JsonElement Payload { get; init; }

    /// <summary><c>job_...</c>, where the submitter names the job; it follows from the event's id otherwise.</summary>
    public string? Id { get; init; }

    /// <summary>The topic's queue, or left out.</summary>
    public string? Queue { get; init; }
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>0 to 9.</summary>
    public int? Priority { get; init; }
    public int? MaxAttempts { get; init; }

    /// <summary>Seconds.</summary>
    public int? Timeout { get; init; }
    public string? UniqueKey { get; init; }

    /// <summary>The topic of a queue: critical, default, bulk or notifications.</summary>
    /// <exception cref="ArgumentException">There is no such queue.</exception>
    public static Topic TopicOf(string queue) =>
        Topics.Jobs.FirstOrDefault(t => QueueOf(t.Name) == queue) ?? throw new ArgumentException($"There is no queue '{queue}'.", nameof(queue));

    /// <summary>The queue of one of <see cref="Topics.Jobs"/>.</summary>
    public static string QueueOf(string topic) => topic["jobs.".Length..];
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
