using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Queues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.Jobs;

/// <summary>The routes of jobs, for the document.</summary>
internal static class JobsDescriptions
{
    private static readonly Schema Type = Schema.Text("What is to be done: `http.request`, `resources.import`, `resources.export`, `usage.report` or `noop`.", 64, 1);
    private static readonly Schema Payload = Schema.AnyObject($"What the type needs, up to {JobTypes.MaxPayload / 1024} KiB. `http.request`: `{{method?, url, headers?, body?}}`; `resources.import`: `{{file_id, format, delimiter?, type, mapping?, on_error?}}`; `resources.export`: `{{format, delimiter?, type?, labels?, fields?}}`; `usage.report`: `{{from, to, interval?, group_by?, output?}}`.");
    private static readonly Schema Queue = QueueNames.Schema("Where it waits.");
    internal static readonly Schema Priority = Schema.Whole("The higher, the earlier within its queue.", NewWork.MinPriority, NewWork.MaxPriority);
    internal static readonly Schema MaxAttempts = Schema.Whole("How often it is tried at most.", 1, Job.MaxMaxAttempts);
    internal static readonly Schema Timeout = Schema.Whole("Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports.", 1, Job.MaxTimeoutSeconds);
    private static readonly Schema UniqueKey = Schema.Text("While a job of the same type and key is alive, there is no second one.", 255, 1);

    public static readonly Schema Attempts = Schema.ListOf(
        Schema.Object(null, "A failed attempt.", ("attempt", Schema.Whole("Its number.")), ("at", Schema.Time("When it failed.")), ("error", Schema.Text("Why.", 8192))),
        "The attempts that failed.", 1000);

    public static readonly Schema Shown = Schema.Object("Job", "A job.",
        ("id", Schema.Id(IdPrefix.Job, "Its id, in order of creation.")),
        ("queue", Queue),
        ("type", Type),
        ("payload", Payload),
        ("state", Schema.OneOf("How far it is. `scheduled` and `retrying` wait for `run_at`, `available` waits for a worker; `succeeded`, `dead` and `cancelled` are ends.", JobState.All)),
        ("priority", Priority),
        ("run_at", Schema.Time("When it may run, or be tried again.")),
        ("attempt", Schema.Whole("The attempts made, the running one included.", 0, 100_000)),
        ("max_attempts", MaxAttempts),
        ("timeout", Timeout),
        ("unique_key", UniqueKey.OrNull()),
        ("trigger_id", Schema.Id(IdPrefix.Trigger, "The trigger that started it; null for none.").OrNull()),
        ("schedule_id", Schema.Id(IdPrefix.Schedule, "The schedule that started it; null for none.").OrNull()),
        ("workflow_id", Schema.Id(IdPrefix.Workflow, "The workflow that it is a step of; null for none.").OrNull()),
        ("step", Schema.Text("The step of the workflow; null for none.", 64).OrNull()),
        ("submitted_by", Schema.Id(IdPrefix.ApiKey, "The API key on whose behalf it runs; null for jobs that came over the stream.").OrNull()),
        ("progress", Schema.Number("0 to 1, as far as the type says how far it is; 1 when it succeeded.").With("maximum", 1)),
        ("progress_note", Schema.Text("What it was doing last; null when the type does not say, and when it succeeded.", 500).OrNull()),
        ("result", Schema.Anything("What it brought; null before it succeeded. `http.request`: `{status, headers, body, truncated}`.")),
        ("error", Schema.Text("Why the last attempt failed; null when none did.", 8192).OrNull()),
        ("errors", Attempts),
        ("created_at", Schema.Time("When it was submitted.")),
        ("started_at", Schema.Time("When its last attempt began; null before the first.").OrNull()),
        ("finished_at", Schema.Time("When it ended; null before.").OrNull()),
        ("duration_ms", Schema.Number("How long the last attempt took; null before it ended.").OrNull()))
        .Such("""
            {"id": "job_01jk2m3n4p5q6r7s8t9v0w1x2y", "queue": "default", "type": "http.request", "payload": {"method": "POST", "url": "https://example.com/hook", "body": {"order": 42}},
             "state": "available", "priority": 0, "run_at": "2026-01-31T12:00:00Z", "attempt": 0, "max_attempts": 25, "timeout": 30, "unique_key": null, "trigger_id": null,
             "schedule_id": null, "workflow_id": null, "step": null, "submitted_by": "key_01jk2m3n4p5q6r7s8t9v0w1x2y", "progress": 0, "progress_note": null,
             "result": null, "error": null, "errors": [], "created_at": "2026-01-31T12:00:00Z", "started_at": null, "finished_at": null, "duration_ms": null}
            """);

    private static readonly Schema NewJob = Schema.Input("NewJob", "A job that is to be done.",
        ("type", Type),
        ("payload", Payload),
        ("queue?", Queue.With("default", QueueNames.Default)),
        ("run_at?", Schema.Time("Not before; at once when it is left out or past.")),
        ("priority?", Priority.With("default", 0)),
        ("max_attempts?", MaxAttempts.With("default", Job.DefaultMaxAttempts)),
        ("timeout?", Timeout),
        ("unique_key?", UniqueKey))
        .Such("""{"type": "http.request", "payload": {"method": "POST", "url": "https://example.com/hook", "body": {"order": 42}}, "queue": "default", "max_attempts": 5}""");

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Job, "The job."));

    public static readonly Operation Submit = new("submitJob", Tags.Jobs, "Submit a job")
    {
        Description = "It runs at least once, from the commit on, on whichever instance takes it; a failed attempt is tried again with growing pauses. Where a job of the same type and `unique_key` is alive, that one, with 200.",
        Body = new(NewJob),
        Answers = [Answer.Created(Shown, "The job."), Answer.Ok(Shown, "A job of this type and `unique_key` that is alive; or the stored answer of an earlier request with the same `Idempotency-Key`, which was 201.") with { HasLocation = true }],
        InputCodes = ["unknown_job_type"],
    };

    private static readonly Schema BatchResult = Schema.Object("JobBatchResult", "What became of a job of a batch: the job, or why it was not accepted, with pointers into the batch.",
        ("index", Schema.Whole("Its place among the jobs, from 0.", 0, SubmitJobs.MaxJobs - 1)),
        ("status", Schema.Whole("The status that its single route would have answered.", 200, 599)),
        ("job?", Shown),
        ("error?", Schema.Problem));

    public static readonly Operation SubmitMany = new("submitJobs", Tags.Jobs, "Submit many jobs")
    {
        Description = "1 to 1,000 jobs in one transaction, by the rules of `POST /v1/jobs`; what is not valid is not accepted, the rest is. With `atomic` nothing is accepted when one is not valid: `batch_failed` has every fault with its place. Where a job of the same type and `unique_key` is alive, or comes earlier in the batch, that one, with 200.",
        Body = new(Schema.Input("JobBatch", "Jobs that are to be done.",
            ("jobs", Schema.ListOf(NewJob, "The jobs.", SubmitJobs.MaxJobs, 1)),
            ("atomic?", Schema.Flag("All or nothing.").With("default", false)))
            .Such("""{"jobs": [{"type": "http.request", "payload": {"url": "https://example.com/1"}}, {"type": "http.request", "payload": {"url": "https://example.com/2"}, "queue": "bulk"}], "atomic": true}""")),
        Answers =
        [
            Answer.Ok(Schema.Object("JobBatchResults", "What became of a batch.",
                ("results", Schema.ListOf(BatchResult, "One for each job, in their order.", SubmitJobs.MaxJobs, 1)),
                ("succeeded", Schema.Whole("How many were accepted.", 0, SubmitJobs.MaxJobs)),
                ("failed", Schema.Whole("How many were not.", 0, SubmitJobs.MaxJobs)))
                .Such("""
                    {"results": [{"index": 0, "status": 400, "error": {"type": "urn:platform:problem:validation_failed", "title": "The request is not valid", "status": 400,
                     "detail": "1 field is not valid.", "code": "validation_failed", "request_id": "req_01jk2m3n4p5q6r7s8t9v0w1x2y",
                     "errors": [{"pointer": "/jobs/0/type", "code": "required", "detail": "'type' is required."}]}}], "succeeded": 0, "failed": 1}
                    """), "What became of each."),
        ],
        Errors = [SubmitJobs.Answer.Refusal([KnownProblems.Validation("/type", "required", "'type' is required.")])!],
    };

    public static readonly Operation CancelMany = new("cancelJobs", Tags.Jobs, "Cancel many jobs")
    {
        Description = "Jobs that are alive, the oldest first, as `POST /v1/jobs/{id}:cancel` does it for one; what a worker finishes at this very moment is passed over. Emits `job.cancelled` for each.",
        Body = new(Schema.Input("JobCancellation", "Which ones, and how many at most.",
            ("filter", Schema.Input("JobFilter", "All must hold; `{}` means every job that is alive.",
                ("state?", Schema.OneOf("Only in this state.", JobState.Alive)),
                ("queue?", Queue.As("Only of this queue.")),
                ("type?", Type.As("Only of this type.")),
                ("created_after?", Schema.Time("Only those created later, by the time in their ids.")),
                ("workflow_id?", Schema.Id(IdPrefix.Workflow, "Only steps of this workflow.")),
                ("schedule_id?", Schema.Id(IdPrefix.Schedule, "Only those that this schedule started.")))),
            ("limit?", Schema.Whole("How many at most.", 1, FilteredChange.MaxLimit).With("default", FilteredChange.DefaultLimit)))
            .Such("""{"filter": {"type": "http.request", "state": "scheduled"}, "limit": 1000}""")),
        Answers =
        [
            Answer.Ok(Schema.Object("JobCancellationResult", "What was cancelled.",
                ("cancelled", Schema.Whole("How many.", 0, FilteredChange.MaxLimit)),
                ("has_more", Schema.Flag("Whether more that is alive is meant: call again.")))
                .Such("""{"cancelled": 17, "has_more": false}"""), "What was cancelled."),
        ],
    };

    public static readonly Operation Change = new("changeJob", Tags.Jobs, "Move a waiting job")
    {
        Description = "Gives a job that waits another time or another priority: to snooze it, to start it now, to let it overtake. It moves the job's place in the queue alone: once the job has ended, it shows what was submitted.",
        Parameters = [Id],
        Body = RequestBody.MergePatch(Schema.Input("JobChange", "What to change, one at least.",
            ("run_at?", Schema.Time("Not before; at once when it is past.")),
            ("priority?", Priority))
            .Such("""{"run_at": "2026-01-31T18:00:00Z", "priority": 9}""")),
        Answers = [Answer.Ok(Shown, "The job, moved.")],
        Errors = [JobProblems.NotFound(), JobProblems.NotChangeable(JobState.Running)],
    };

    public static readonly Operation List = new("listJobs", Tags.Jobs, "List jobs")
    {
        Description = "Newest first. All filters must hold.",
        Parameters =
        [
            Parameter.Query("state", Schema.OneOf("Only in this state.", JobState.All)),
            Parameter.Query("queue", Queue.As("Only of this queue.")),
            Parameter.Query("type", Type.As("Only of this type.")),
            Parameter.Query("created_after", Schema.Time("Only those created later, by the time in their ids.")),
            Parameter.Query("workflow_id", Schema.Id(IdPrefix.Workflow, "Only steps of this workflow.")),
            Parameter.Query("schedule_id", Schema.Id(IdPrefix.Schedule, "Only those that this schedule started.")),
            Parameter.Fields(Job.FieldNames),
            .. Parameter.Page,
        ],
        Answers = [Answer.Ok(Schema.PageOf(Shown.Selectable()), "A page.")],
    };

    public static readonly Operation Get = new("getJob", Tags.Jobs, "Get a job")
    {
        Description = "The job as it is now.",
        Parameters = [Id, Parameter.Fields(Job.FieldNames)],
        Answers = [Answer.Ok(Shown.Selectable(), "The job.")],
        Errors = [JobProblems.NotFound()],
    };

    public static readonly Operation Cancel = new("cancelJob", Tags.Jobs, "Cancel a job")
    {
        Description = "From then on nothing that a running attempt finds out counts; the attempt itself is told within a second or two. Cancelling twice is the same as once. Emits `job.cancelled`.",
        Parameters = [Id],
        Answers = [Answer.Ok(Shown, "The job, cancelled.")],
        Errors = [JobProblems.NotFound(), JobProblems.NotCancellable(JobState.Succeeded)],
    };

    public static readonly Operation Retry = new("retryJob", Tags.Jobs, "Run a job again")
    {
        Description = "A job that waits for its time becomes available now; a dead or cancelled one starts over with a fresh set of attempts and leaves the dead letters. Emits `job.retrying`.",
        Parameters = [Id],
        Answers = [Answer.Ok(Shown, "The job, available.")],
        Errors = [JobProblems.NotFound(), JobProblems.NotRetryable(JobState.Running), JobProblems.UniqueKeyTaken()],
    };
}
