using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Queues;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Definition;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Workflows;

/// <summary>The routes of workflows, for the document.</summary>
internal static class WorkflowsDescriptions
{
    private static readonly Schema StepName = Schema.Text("Unique within the workflow.", ReadSteps.MaxName, 1, "^[A-Za-z][A-Za-z0-9_-]*$");
    private static readonly Schema Kind = Schema.OneOf("What it is: a job, a wait for somebody's approval, or a wait for a time.", StepKind.All);
    private static readonly Schema Needs = Schema.ListOf(StepName.As("A step."), "The steps that must have ended before it starts.", ReadSteps.MaxSteps);
    internal static readonly Schema Name = Schema.Text("For people.", WorkflowTemplate.MaxName, 1);
    private static readonly Schema State = Schema.OneOf(
        "`failing` lets what runs end; `compensating` undoes what was done. `succeeded`, `compensated` and `cancelled` are ends; `failed` and `compensation_failed` can be retried.", WorkflowState.All);

    internal static readonly Schema Failure = Schema.OneOf("What follows when a step has failed for good: stop there, or undo the completed steps, the last one first.", OnFailure.All);
    private static readonly Schema UniqueKey = Schema.Text("While a workflow of the same key is alive, there is no second one.", 255, 1);
    private static readonly Schema Input = Schema.Anything("What templates find as `input`.");

    private static readonly Schema StepJob = Schema.Input("StepJob", "A job of a workflow. Texts in the payload may hold references: `{{input.a}}`, `{{steps.name.result.b}}`, and in a step with `for_each` also `{{item}}` and `{{index}}`.",
        ("type", Schema.Text("What is to be done.", 64, 1)),
        ("payload", Schema.AnyObject("What the type needs.")),
        ("queue?", QueueNames.Schema("Where it waits.").With("default", QueueNames.Default)),
        ("priority?", Schema.Whole("The higher, the earlier within its queue.", NewWork.MinPriority, NewWork.MaxPriority).With("default", 0)),
        ("max_attempts?", Schema.Whole("How often it is tried at most; without it, what is usual with its type.", 1, Job.MaxMaxAttempts)),
        ("timeout?", Schema.Whole("Seconds that one attempt may take; without it, what is usual with its type.", 1, Job.MaxTimeoutSeconds)));

    private static readonly Schema When = Schema.AnyObject(
        "The step is skipped where this does not hold, and with it all that need it: `{ref, op, value}` with `op` one of eq, ne, gt, ge, lt, le, exists, or `{and: []}`, `{or: []}`, `{not: {}}`.");

    private static readonly Schema ForEach = Schema.Text($"A reference to a list of up to {Advance.MaxElements}: one job for each element; the result is the list of theirs.", 1024, 1);
    private static readonly Schema Timer = Schema.Input(null, "Either `seconds` after its needs have ended, or `until` a time.",
        ("seconds?", Schema.Whole("How long.", 0, StepTimer.MaxSeconds)), ("until?", Schema.Time("Until when.")));

    private static readonly Schema Approval = Schema.Input(null, "How long it waits.",
        ("expires_in?", Schema.Whole("Seconds; without it, for ever.", 1, StepTimer.MaxSeconds)),
        ("on_expiry?", Schema.OneOf("What it counts as then.", "reject", "approve").With("default", "reject")));

    private static readonly Schema Compensate = Schema.Input(null, "What undoes the step.", ("job", StepJob));
    private static readonly Schema Continues = Schema.Flag("Whether the others go on when it has failed.");

    internal static readonly Schema NewStep = Schema.Input("NewStep", "A step.",
        ("name", StepName), ("kind?", Kind.With("default", StepKind.Job)), ("needs?", Needs), ("job?", StepJob), ("when?", When), ("for_each?", ForEach),
        ("timer?", Timer), ("approval?", Approval), ("compensate?", Compensate), ("continue_on_failure?", Continues.With("default", false)));

    private static readonly Schema NewWorkflow = Schema.Input("NewWorkflow", "A workflow that is to be done.",
        ("steps", Schema.ListOf(NewStep, "In any order.", ReadSteps.MaxSteps, 1)),
        ("name?", Name),
        ("input?", Input),
        ("on_failure?", Failure.With("default", OnFailure.Stop)),
        ("unique_key?", UniqueKey))
        .Such("""
            {"name": "order", "input": {"customer": "c_42", "amount": 120}, "on_failure": "compensate", "steps": [
              {"name": "reserve", "job": {"type": "http.request", "payload": {"method": "POST", "url": "https://example.com/stock", "body": {"customer": "{{input.customer}}"}}},
               "compensate": {"job": {"type": "http.request", "payload": {"method": "DELETE", "url": "https://example.com/stock/{{input.customer}}"}}}},
              {"name": "review", "kind": "approval", "needs": ["reserve"], "when": {"ref": "input.amount", "op": "gt", "value": 100}, "approval": {"expires_in": 86400}},
              {"name": "charge", "needs": ["review"], "job": {"type": "http.request", "payload": {"method": "POST", "url": "https://example.com/charges", "body": {"reserved": "{{steps.reserve.result.status}}"}}}}]}
            """);

    private static readonly (string, Schema)[] Head =
    [
        ("id", Schema.Id(IdPrefix.Workflow, "Its id, in order of creation.")),
        ("name", Name.OrNull()),
        ("state", State),
        ("on_failure", Failure),
        ("unique_key", UniqueKey.OrNull()),
        ("failed_step", StepName.As("The step that made it fail; null for none.").OrNull()),
        ("error", Schema.Text("Why it failed; null where it did not.", 8192).OrNull()),
        ("trigger_id", Schema.Id(IdPrefix.Trigger, "The trigger that started it; null for none.").OrNull()),
        ("submitted_by", Schema.Id(IdPrefix.ApiKey, "The API key on whose behalf its jobs run.").OrNull()),
        ("created_at", Schema.Time("When it was submitted.")),
        ("finished_at", Schema.Time("When it came to rest; null while it goes on by itself.").OrNull()),
    ];

    private const string HeadExample = """
        "id": "wfl_01jk2m3n4p5q6r7s8t9v0w1x2y", "name": "order", "state": "running", "on_failure": "stop", "unique_key": null, "failed_step": null, "error": null, "trigger_id": null,
        "submitted_by": "key_01jk2m3n4p5q6r7s8t9v0w1x2y", "created_at": "2026-01-31T12:00:00Z", "finished_at": null
        """;

    private static readonly Schema Summary = Schema.Object("WorkflowSummary", "A workflow without its steps.", Head).Such("{" + HeadExample + "}");

    private static readonly Schema JobId = Schema.Id(IdPrefix.Job, "Its job; null for none.").OrNull();

    private static readonly Schema ShownStep = Schema.Object("WorkflowStep", "A step and how far it is.",
        ("name", StepName),
        ("kind", Kind),
        ("state", Schema.OneOf("How far it is. `running`: its jobs have not ended; `waiting`: for the time or an approval.", StepState.All)),
        ("needs", Needs),
        ("job", Schema.AnyObject("As it was asked for, templates included; null for none.").OrNull()),
        ("when", When.OrNull()),
        ("for_each", ForEach.OrNull()),
        ("timer", Timer.OrNull()),
        ("approval", Approval.OrNull()),
        ("compensate", Schema.AnyObject("As it was asked for; null for none.").OrNull()),
        ("continue_on_failure", Continues),
        ("job_id", JobId),
        ("elements", Schema.ListOf(Schema.Object(null, "The job of one element.",
            ("job_id", JobId), ("state", Schema.OneOf("How far it is.", StepState.Running, StepState.Succeeded, StepState.Failed, StepState.Cancelled)),
            ("error", Schema.Text("Why it failed.", 8192).OrNull())), "The jobs of a step with `for_each`; null before they start.", Advance.MaxElements).OrNull()),
        ("result", Schema.Anything("What its job brought, or the list of what its jobs brought, or `{decision, comment, by, at}` of an approval; null for none.")),
        ("error", Schema.Text("Why it failed; null where it did not.", 8192).OrNull()),
        ("due_at", Schema.Time("When the timer rings or the approval expires; null for none.").OrNull()),
        ("started_at", Schema.Time("When it began; null before.").OrNull()),
        ("finished_at", Schema.Time("When it ended; null before.").OrNull()),
        ("compensation", Schema.Object(null, "How far its undoing is; null where there is none.",
            ("state", Schema.OneOf("How far it is.", StepState.Running, StepState.Succeeded, StepState.Failed)), ("job_id", JobId),
            ("error", Schema.Text("Why it failed.", 8192).OrNull())).OrNull()));

    private static readonly Schema Shown = Schema.Object("Workflow", "A workflow as a graph.",
        [
            .. Head,
            ("input", Input),
            ("steps", Schema.ListOf(ShownStep, "In the order in which they were given.", ReadSteps.MaxSteps)),
            ("edges", Schema.ListOf(Schema.Object(null, "A step and one that needs it.", ("from", StepName), ("to", StepName)), "What needs what.", ReadSteps.MaxSteps * ReadSteps.MaxSteps)),
        ])
        .Such("{" + HeadExample + """
            , "input": {"customer": "c_42"}, "steps": [{"name": "reserve", "kind": "job", "state": "running", "needs": [], "job": {"type": "noop", "payload": {}}, "when": null,
              "for_each": null, "timer": null, "approval": null, "compensate": null, "continue_on_failure": false, "job_id": "job_01jk2m3n4p5q6r7s8t9v0w1x2y", "elements": null,
              "result": null, "error": null, "due_at": null, "started_at": "2026-01-31T12:00:00Z", "finished_at": null, "compensation": null}], "edges": []}
            """);

    /// <summary>What can be wrong with steps.</summary>
    internal static readonly string[] DefinitionCodes =
        ["cycle", "duplicate_step", "invalid_condition", "invalid_reference", "not_of_this_kind", "unknown_job_type", "unknown_step"];

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Workflow, "The workflow."));
    private static readonly Parameter StepPath = Parameter.Path("name", StepName.As("The step."));

    private static readonly RequestBody Decision = new(Schema.Input("Decision", "A decision.", ("comment?", Schema.Text("Why.", DecideApproval.MaxComment, 1)))
        .Such("""{"comment": "Checked by phone."}"""), IsRequired: false);

    public static readonly Operation Create = new("createWorkflow", Tags.Workflows, "Start a workflow")
    {
        Description = "Steps that need nothing start at once, the others when those they need have ended. A step's job is tried as often as its `max_attempts`; when it is dead, `on_failure` says what follows. Names, cycles, references and payloads are checked before anything starts. Emits `workflow.started`.",
        Body = new(NewWorkflow),
        Answers = [Answer.Created(Shown, "The workflow, its first steps started."), Answer.Ok(Shown, "A workflow of this `unique_key` that is alive; or the stored answer of an earlier request with the same `Idempotency-Key`, which was 201.") with { HasLocation = true }],
        InputCodes = DefinitionCodes,
    };

    public static readonly Operation List = new("listWorkflows", Tags.Workflows, "List workflows")
    {
        Description = "Newest first, without their steps.",
        Parameters = [Parameter.Query("state", State.As("Only in this state.")), .. Parameter.Page],
        Answers = [Answer.Ok(Schema.PageOf(Summary), "A page.")],
    };

    public static readonly Operation Get = new("getWorkflow", Tags.Workflows, "Get a workflow")
    {
        Description = "The workflow as a graph: its steps with states, jobs, results and errors, and what needs what.",
        Parameters = [Id],
        Answers = [Answer.Ok(Shown, "The workflow.")],
        Errors = [WorkflowProblems.NotFound()],
    };

    public static readonly Operation Cancel = new("cancelWorkflow", Tags.Workflows, "Cancel a workflow")
    {
        Description = "The jobs that run are cancelled and no other step starts. With `compensate`, the completed steps are undone. Emits `workflow.cancelled`.",
        Parameters = [Id],
        Body = new(Schema.Input("Cancellation", "How it is cancelled.", ("compensate?", Schema.Flag("Whether the completed steps are undone.").With("default", false)))
            .Such("""{"compensate": true}"""), IsRequired: false),
        Answers = [Answer.Ok(Shown, "The workflow, `cancelled` or `compensating`.")],
        Errors = [WorkflowProblems.NotFound(), WorkflowProblems.NotCancellable(WorkflowState.Succeeded)],
    };

    public static readonly Operation Retry = new("retryWorkflow", Tags.Workflows, "Retry a workflow")
    {
        Description = "A failed workflow goes on with the steps that failed, one whose compensation failed with that compensation; what has ended well stays. The new jobs have a fresh set of attempts, and those in whose place they come leave the dead letters. Emits `workflow.resumed`.",
        Parameters = [Id],
        Answers = [Answer.Ok(Shown, "The workflow, `running` or `compensating`.")],
        Errors = [WorkflowProblems.NotFound(), WorkflowProblems.NotRetryable(WorkflowState.Running), WorkflowProblems.UniqueKeyTaken()],
    };

    public static readonly Operation Approve = new("approveStep", Tags.Workflows, "Approve a step")
    {
        Description = "The step succeeds, and what needs it goes on.",
        Parameters = [Id, StepPath],
        Body = Decision,
        Answers = [Answer.Ok(Shown, "The workflow.")],
        Errors = [WorkflowProblems.NotFound(), WorkflowProblems.NotWaiting(StepState.Succeeded)],
    };

    public static readonly Operation Reject = new("rejectStep", Tags.Workflows, "Reject a step")
    {
        Description = "The step fails, and the workflow with it, unless the step says `continue_on_failure`.",
        Parameters = [Id, StepPath],
        Body = Decision,
        Answers = [Answer.Ok(Shown, "The workflow.")],
        Errors = [WorkflowProblems.NotFound(), WorkflowProblems.NotWaiting(StepState.Succeeded)],
    };
}
