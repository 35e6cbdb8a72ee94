using Platform.Eventing.WorkQueues;
using Platform.Processing.Queues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Jobs;

/// <summary><see cref="JobTemplate"/>, for the document.</summary>
internal static class JobTemplateSchema
{
    private static readonly Schema Type = Schema.Text("The job's type.", 64, 1);
    private static readonly Schema Payload = Schema.AnyObject($"The job's payload, up to {JobTypes.MaxPayload / 1024} KiB.");
    private static readonly Schema Queue = QueueNames.Schema("The job's queue.");
    private static readonly Schema Priority = Schema.Whole("The higher, the earlier within its queue.", NewWork.MinPriority, NewWork.MaxPriority);
    private static readonly Schema Timeout = Schema.Whole("Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports.", 1, Job.MaxTimeoutSeconds);
    private static readonly Schema MaxAttempts = Schema.Whole("How often it is tried at most.", 1, Job.MaxMaxAttempts);

    public static readonly Schema Shown = Schema.Object("JobTemplate", "The job that it starts.",
        ("type", Type), ("queue", Queue), ("payload", Payload), ("priority", Priority), ("timeout", Timeout), ("max_attempts", MaxAttempts));

    public static readonly Schema Given = Schema.Input("NewJobTemplate", "The job that it starts.",
        ("type", Type), ("payload", Payload), ("queue?", Queue.With("default", QueueNames.Default)), ("priority?", Priority.With("default", 0)),
        ("timeout?", Timeout), ("max_attempts?", MaxAttempts.With("default", Job.DefaultMaxAttempts)));
}
