using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>The states of a job as the API names them.</summary>
internal static class JobState
{
    /// <summary>Waits for <c>run_at</c>; also a job that is held because this version does not know its type.</summary>
    public const string Scheduled = "scheduled";

    /// <summary>Waits for a worker.</summary>
    public const string Available = "available";

    /// <summary>A worker has taken it.</summary>
    public const string Running = "running";

    /// <summary>An attempt failed and another follows at <c>run_at</c>.</summary>
    public const string Retrying = "retrying";
    public const string Succeeded = "succeeded";
    public const string Dead = "dead";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> Alive { get; } = [Scheduled, Available, Running, Retrying];

    public static IReadOnlyList<string> All { get; } = [Scheduled, Available, Running, Succeeded, Retrying, Dead, Cancelled];
}

/// <summary>A job as the API shows it.</summary>
internal sealed record Job
{
    public const int DefaultMaxAttempts = 25;
    public const int MaxMaxAttempts = 100;
    public const int DefaultTimeoutSeconds = 30;
    public const int MaxTimeoutSeconds = 3600;

    /// <summary>What <c>fields=</c> can select.</summary>
    public static readonly IReadOnlySet<string> FieldNames = new HashSet<string>(
        [
            "id", "queue", "type", "payload", "state", "priority", "run_at", "attempt", "max_attempts", "timeout", "unique_key", "trigger_id",
            "schedule_id", "workflow_id", "step", "submitted_by",
            "progress", "progress_note", "result", "error", "errors", "created_at", "started_at", "finished_at", "duration_ms",
        ],
        StringComparer.Ordinal);

    private readonly Guid _id;

    public required Guid Id
    {
        get => _id;
        init
        {
            _id = value;
            PublicId = TypeId.Format(IdPrefix.Job, value);
        }
    }

    /// <summary><c>job_...</c></summary>
    public string PublicId { get; private init; } = "";
    public required string Queue { get; init; }
    public required string Type { get; init; }

    /// <summary>A JSON object in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
    public required string State { get; init; }
    public required int Priority { get; init; }
    public required DateTimeOffset RunAt { get; init; }
    public int Attempt { get; init; }
    public required int MaxAttempts { get; init; }
    public required int TimeoutSeconds { get; init; }
    public string? UniqueKey { get; init; }
    public Guid? TriggerId { get; init; }
    public Guid? ScheduleId { get; init; }
    public Guid? WorkflowId { get; init; }

    /// <summary>The step of the workflow.</summary>
    public string? Step { get; init; }

    /// <summary>The API key on whose behalf it runs; null for jobs that came over the stream.</summary>
    public Guid? SubmittedBy { get; init; }

    /// <summary>True when the submitter chose the id. Written, never read back.</summary>
    public bool IsNamed { get; init; }

    /// <summary>The trace that it belongs to where that is not the current one. Written, never read back.</summary>
    public string? TraceParent { get; init; }
    /// <summary>0 to 1, as far as its handler says; of a success always 1.</summary>
    public double Progress { get; init; }
    public string? ProgressNote { get; init; }
    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>Of the last attempt.</summary>
    public string? Error { get; init; }

    /// <summary>A JSON list of <c>{attempt, at, error}</c>, one for each failed attempt.</summary>
    public ReadOnlyMemory<byte> Errors { get; init; } = "[]"u8.ToArray();
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public double? DurationMs { get; init; }

    public string Location => "/v1/jobs/" + PublicId;

    /// <summary>The document, UTF-8.</summary>
    public byte[] ToJson() => JsonBytes.Write(json => WriteTo(json, fields: null));

    /// <summary>Writes the document, or only some of its fields.</summary>
    public void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        json.WriteStartObject();
        foreach (var (name, write) in Writers)
        {
            if (fields is null || fields.Contains(name))
            {
                write(json, this);
            }
        }

        json.WriteEndObject();
    }

    private static readonly (string Name, Action<Utf8JsonWriter, Job> Write)[] Writers =
    [
        ("id", (json, job) => json.WriteString("id", job.PublicId)),
        ("queue", (json, job) => json.WriteString("queue", job.Queue)),
        ("type", (json, job) => json.WriteString("type", job.Type)),
        ("payload", (json, job) => json.WriteRaw("payload", job.Payload)),
        ("state", (json, job) => json.WriteString("state", job.State)),
        ("priority", (json, job) => json.WriteNumber("priority", job.Priority)),
        ("run_at", (json, job) => json.WriteString("run_at", Rfc3339.Format(job.RunAt))),
        ("attempt", (json, job) => json.WriteNumber("attempt", job.Attempt)),
        ("max_attempts", (json, job) => json.WriteNumber("max_attempts", job.MaxAttempts)),
        ("timeout", (json, job) => json.WriteNumber("timeout", job.TimeoutSeconds)),
        ("unique_key", (json, job) => json.WriteString("unique_key", job.UniqueKey)),
        ("trigger_id", (json, job) => WriteId(json, "trigger_id", IdPrefix.Trigger, job.TriggerId)),
        ("schedule_id", (json, job) => WriteId(json, "schedule_id", IdPrefix.Schedule, job.ScheduleId)),
        ("workflow_id", (json, job) => WriteId(json, "workflow_id", IdPrefix.Workflow, job.WorkflowId)),
        ("step", (json, job) => json.WriteString("step", job.Step)),
        ("submitted_by", (json, job) => WriteId(json, "submitted_by", IdPrefix.ApiKey, job.SubmittedBy)),
        ("progress", (json, job) => json.WriteNumber("progress", job.State == JobState.Succeeded ? 1 : Math.Round(job.Progress, 4))),
        ("progress_note", (json, job) => json.WriteString("progress_note", job.State == JobState.Succeeded ? null : job.ProgressNote)),
        ("result", (json, job) => json.WriteRaw("result", job.Result)),
        ("error", (json, job) => json.WriteString("error", job.Error)),
        ("errors", (json, job) => json.WriteRaw("errors", job.Errors)),
        ("created_at", (json, job) => json.WriteString("created_at", Rfc3339.Format(job.CreatedAt))),
        ("started_at", (json, job) => WriteTime(json, "started_at", job.StartedAt)),
        ("finished_at", (json, job) => WriteTime(json, "finished_at", job.FinishedAt)),
        ("duration_ms", WriteDuration),
    ];

    private static void WriteId(Utf8JsonWriter json, string name, string prefix, Guid? id) =>
        json.WriteString(name, id is { } known ? TypeId.Format(prefix, known) : null);

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time) =>
        json.WriteString(name, time is { } t ? Rfc3339.Format(t) : null);

    private static void WriteDuration(Utf8JsonWriter json, Job job)
    {
        if (job.DurationMs is { } milliseconds)
        {
            json.WriteNumber("duration_ms", Math.Round(milliseconds, 3));
        }
        else
        {
            json.WriteNull("duration_ms");
        }
    }
}
