using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Processing.Workflows.Advancing;

namespace Platform.Processing.Workflows;

/// <summary>The events of a workflow.</summary>
internal static class WorkflowMessages
{
    public static OutboxMessage Of(Announcement announcement, TimeProvider clock)
    {
        var about = announcement.About;
        var (id, name, state, step, error, created, finished) =
            (about.PublicId, about.Name, about.State, about.FailedStep, about.Error, about.CreatedAt, about.FinishedAt);

        OutboxMessage Message<TEvent>(TEvent data)
            where TEvent : IEvent => OutboxMessage.Create(ProcessingDatabase.Name, about.Tenant, id, data, clock);

        return announcement.Kind switch
        {
            AnnouncementKind.Started => Message(new WorkflowStarted { Id = id, Name = name, State = state, CreatedAt = created }),
            AnnouncementKind.Resumed => Message(new WorkflowResumed { Id = id, Name = name, State = state, FailedStep = step, Error = error, CreatedAt = created }),
            AnnouncementKind.ApprovalRequested => Message(new WorkflowApprovalRequested
            {
                Id = id, Name = name, State = state, CreatedAt = created, Step = announcement.Step!, ExpiresAt = announcement.ExpiresAt,
            }),
            AnnouncementKind.Succeeded => Message(new WorkflowSucceeded { Id = id, Name = name, State = state, CreatedAt = created, FinishedAt = finished }),
            AnnouncementKind.Failed => Message(new WorkflowFailed
            {
                Id = id, Name = name, State = state, FailedStep = step, Error = error, CreatedAt = created, FinishedAt = finished,
            }),
            AnnouncementKind.Compensated => Message(new WorkflowCompensated
            {
                Id = id, Name = name, State = state, FailedStep = step, Error = error, CreatedAt = created, FinishedAt = finished,
            }),
            AnnouncementKind.Cancelled => Message(new WorkflowCancelled
            {
                Id = id, Name = name, State = state, FailedStep = step, Error = error, CreatedAt = created, FinishedAt = finished,
            }),
            _ => throw new InvalidOperationException($"There is no event for {announcement.Kind}."),
        };
    }
}
