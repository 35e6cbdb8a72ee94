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

    public static readonly Schema Shown = Schema.Object("JobTemplate", "The job that it starts.",
        ("type", Type), ("queue", Queue), ("payload", Payload), ("priority", JobsDescriptions.Priority), ("timeout", JobsDescriptions.Timeout), ("max_attempts", JobsDescriptions.MaxAttempts));

    public static readonly Schema Given = Schema.Input("NewJobTemplate", "The job that it starts.",
        ("type", Type), ("payload", Payload), ("queue?", Queue.With("default", QueueNames.Default)), ("priority?", JobsDescriptions.Priority.With("default", 0)),
        ("timeout?", JobsDescriptions.Timeout), ("max_attempts?", JobsDescriptions.MaxAttempts.With("default", Job.DefaultMaxAttempts)));
}
