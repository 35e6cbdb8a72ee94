namespace Platform.Contracts.Events;

/// <summary>The state of a workflow after a turn of its life.</summary>
public abstract record WorkflowChanged
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>running, failing, compensating, succeeded, failed, compensated, compensation_failed or cancelled.</summary>
    public required string State { get; init; }

    /// <summary>The step that made it fail.</summary>
    public string? FailedStep { get; init; }
    public string? Error { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it came to rest; null while it goes on by itself.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}

public sealed record WorkflowStarted : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowStarted;
    public static Topic Topic => Topics.Core;
}

public sealed record WorkflowResumed : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowResumed;
    public static Topic Topic => Topics.Core;
}

public sealed record WorkflowApprovalRequested : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowApprovalRequested;
    public static Topic Topic => Topics.Core;

    /// <summary>The step that waits.</summary>
    public required string Step { get; init; }

    /// <summary>When the approval expires; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

public sealed record WorkflowSucceeded : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowSucceeded;
    public static Topic Topic => Topics.Core;
}

public sealed record WorkflowFailed : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowFailed;
    public static Topic Topic => Topics.Core;
}

public sealed record WorkflowCompensated : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowCompensated;
    public static Topic Topic => Topics.Core;
}

public sealed record WorkflowCancelled : WorkflowChanged, IEvent
{
    public static string EventType => EventTypes.WorkflowCancelled;
    public static Topic Topic => Topics.Core;
}
