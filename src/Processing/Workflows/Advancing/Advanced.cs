namespace Platform.Processing.Workflows.Advancing;

/// <summary>What became of a workflow, and what is to be done for it.</summary>
/// <param name="Starts">Jobs to be inserted.</param>
/// <param name="CancelledJobs">Jobs to be cancelled.</param>
/// <param name="ForgottenJobs">Jobs in whose place others came: their dead letters go.</param>
internal sealed record Advanced(
    Workflow Before, Workflow After, IReadOnlyList<JobStart> Starts, IReadOnlyList<Guid> CancelledJobs, IReadOnlyList<Guid> ForgottenJobs,
    IReadOnlyList<Announcement> Announcements);

/// <summary>A job that starts now.</summary>
internal sealed record JobStart(
    Guid Id, string Step, string Type, string Queue, int Priority, int MaxAttempts, int TimeoutSeconds, byte[] Payload);

internal enum AnnouncementKind
{
    Started,
    Resumed,
    ApprovalRequested,
    Succeeded,
    Failed,
    Compensated,
    Cancelled,
}

/// <summary>An event to be emitted.</summary>
/// <param name="About">The workflow as it was at that moment; its steps are of no account.</param>
/// <param name="Step">The one that waits for an approval; null for the others.</param>
/// <param name="ExpiresAt">Of the approval.</param>
internal sealed record Announcement(AnnouncementKind Kind, Workflow About, string? Step = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>What the world hears of a change of state; null where it hears nothing.</summary>
    public static AnnouncementKind? Of(string happening) => happening switch
    {
        WorkflowEvent.Finish => AnnouncementKind.Succeeded,
        WorkflowEvent.Stop or WorkflowEvent.Compensate or WorkflowEvent.CompensationDies => AnnouncementKind.Failed,
        WorkflowEvent.Undone => AnnouncementKind.Compensated,
        WorkflowEvent.Cancel or WorkflowEvent.CancelAndCompensate => AnnouncementKind.Cancelled,
        WorkflowEvent.Resume => AnnouncementKind.Resumed,
        _ => null,
    };
}
