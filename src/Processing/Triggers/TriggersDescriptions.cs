using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.Processing.Queues;
using Platform.Processing.Workflows;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Triggers;

/// <summary>The routes of triggers, for the document.</summary>
internal static class TriggersDescriptions
{
    private static readonly Schema EventType = Schema.Text($"The events that it listens to: one of {string.Join(", ", TriggerEvents.All.Select(t => $"`{t}`"))}; a name and `.*` for all below it; `*` for all.", 128, 1);
    private static readonly Schema AboutType = Schema.Text("Only jobs of this type.", 64, 1);
    private static readonly Schema AboutQueue = QueueNames.Schema("Only jobs of this queue.");
    private const string WhatAbout = "Of events of jobs: which jobs are meant.";
    private static readonly Schema Labels = Schema.Map("The event's labels must include all of these; none for every event of the type.");
    private static readonly Schema Paused = Schema.Flag("It starts nothing; events that come meanwhile are not made up for.");

    private static readonly Schema Trigger = Schema.Object("Trigger", "Starts a job or a workflow for each event that matches.",
        ("id", Schema.Id(IdPrefix.Trigger, "Its id.")),
        ("event_type", EventType),
        ("about", Schema.Object(null, WhatAbout + " Null for all.", ("type", AboutType.OrNull()), ("queue", AboutQueue.OrNull())).OrNull()),
        ("labels", Labels),
        ("job", JobTemplateSchema.Shown.OrNull()),
        ("workflow", WorkflowTemplateSchema.Shown.OrNull()),
        ("paused", Paused),
        ("version", Schema.Whole("Counts what was set; also the entity tag.", 1, Schema.MaxWhole)),
        ("created_at", Schema.Time("When it was made.")),
        ("updated_at", Schema.Time("When it was last set.")))
        .Such("""
            {"id": "trg_01jk2m3n4p5q6r7s8t9v0w1x2y", "event_type": "resource.*", "about": null, "labels": {"env": "prod"},
             "job": {"type": "http.request", "queue": "default", "payload": {"method": "POST", "url": "https://example.com/hook", "body": {"what": "{{event.subject}}", "is": "{{event.data.data}}"}},
                     "priority": 0, "timeout": 30, "max_attempts": 25},
             "workflow": null, "paused": false, "version": 1, "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z"}
            """);

    private static readonly Schema NewTrigger = Schema.Input("NewTrigger", "A trigger that is to be made.",
        ("event_type", EventType),
        ("about?", Schema.Input(null, WhatAbout, ("type?", AboutType), ("queue?", AboutQueue))),
        ("labels?", Labels),
        ("job?", JobTemplateSchema.Given),
        ("workflow?", WorkflowTemplateSchema.Given),
        ("paused?", Paused.With("default", false)))
        .Such("""{"event_type": "resource.created", "labels": {"env": "prod"}, "job": {"type": "http.request", "payload": {"method": "POST", "url": "https://example.com/hook"}}}""");

    private static readonly Schema TriggerPatch = NewTrigger.Patch("TriggerPatch", "What is to be changed of a trigger.").Such("""{"paused": true}""");

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Trigger, "The trigger."));

    public static readonly Operation Create = new("createTrigger", Tags.Triggers, "Make a trigger")
    {
        Description = "Either a `job` or a `workflow`: each event that matches from now on starts one, however often the event is read. `{{event.subject}}` and the like in the strings of the job's payload, or of the workflow's input, are filled: `event.id`, `event.type`, `event.subject`, `event.time` and whatever is in `event.data`. A string that is one template becomes the value itself. Without templates, it gets the whole event under `event`. Events of jobs and workflows can start others; behind five triggers in a row an event starts nothing. A trigger that cannot start what it should leaves a dead letter that says why; the others start theirs.",
        Body = new(NewTrigger),
        Answers = [Answer.Created(Trigger, "The trigger.") with { HasETag = true }],
        InputCodes = ["invalid_template", .. WorkflowsDescriptions.DefinitionCodes],
    };

    public static readonly Operation List = new("listTriggers", Tags.Triggers, "List triggers")
    {
        Description = "In order of creation.",
        Parameters = Parameter.Page,
        Answers = [Answer.Ok(Schema.PageOf(Trigger), "A page.")],
    };

    public static readonly Operation Get = new("getTrigger", Tags.Triggers, "Get a trigger")
    {
        Description = "The trigger as it is now.",
        Parameters = [Id],
        Answers = [Answer.Ok(Trigger, "The trigger.") with { HasETag = true }],
        Errors = [Triggers.Trigger.NotFound()],
    };

    public static readonly Operation Patch = new("patchTrigger", Tags.Triggers, "Change a trigger")
    {
        Description = "A merge patch (RFC 7396). The result has to be what a new trigger could be. Its jobs run on behalf of the key that changed it last.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = RequestBody.MergePatch(TriggerPatch),
        Answers = [Answer.Ok(Trigger, "The trigger as it is now.") with { HasETag = true }],
        Errors = [Triggers.Trigger.NotFound()],
        InputCodes = ["invalid_template", .. WorkflowsDescriptions.DefinitionCodes],
    };

    public static readonly Operation Delete = new("deleteTrigger", Tags.Triggers, "Delete a trigger")
    {
        Description = "Jobs and workflows that it started are left alone.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Deleted.")],
        Errors = [Triggers.Trigger.NotFound()],
    };
}
