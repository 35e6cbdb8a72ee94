using Platform.Contracts.Identifiers;
using Platform.Processing.Queues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Triggers;

/// <summary>The routes of triggers, for the document.</summary>
internal static class TriggersDescriptions
{
    private static readonly Schema EventType = Schema.OneOf("The events that it listens to.", TriggerEvents.All);
    private static readonly Schema Labels = Schema.Map("The event's labels must include all of these; none for every event of the type.");
    private static readonly Schema Type = Schema.Text("The job's type.", 64, 1);
    private static readonly Schema Payload = Schema.AnyObject($"The job's payload, up to {JobTypes.MaxPayload / 1024} KiB; each job also gets the event under `event`.");
    private static readonly Schema Queue = QueueNames.Schema("The job's queue.");

    private static readonly Schema Trigger = Schema.Object("Trigger", "Starts a job for each event that matches.",
        ("id", Schema.Id(IdPrefix.Trigger, "Its id.")),
        ("event_type", EventType),
        ("labels", Labels),
        ("job", Schema.Object("TriggerJob", "The job that it starts.", ("type", Type), ("queue", Queue), ("payload", Payload))),
        ("created_at", Schema.Time("When it was made.")))
        .Such("""
            {"id": "trg_01jk2m3n4p5q6r7s8t9v0w1x2y", "event_type": "resource.created", "labels": {"env": "prod"},
             "job": {"type": "http.request", "queue": "default", "payload": {"method": "POST", "url": "https://example.com/hook"}}, "created_at": "2026-01-31T12:00:00Z"}
            """);

    private static readonly Schema NewTrigger = Schema.Input("NewTrigger", "A trigger that is to be made.",
        ("event_type", EventType),
        ("labels?", Labels),
        ("job", Schema.Input("NewTriggerJob", "The job that it starts.", ("type", Type), ("queue?", Queue.With("default", QueueNames.Default)), ("payload", Payload))))
        .Such("""{"event_type": "resource.created", "labels": {"env": "prod"}, "job": {"type": "http.request", "payload": {"method": "POST", "url": "https://example.com/hook"}}}""");

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Trigger, "The trigger."));

    public static readonly Operation Create = new("createTrigger", Tags.Triggers, "Make a trigger")
    {
        Description = "Each event that matches from now on starts one job, however often the event is read. Events of jobs cannot be listened to: a job that a trigger started would start the next one.",
        Body = new(NewTrigger),
        Answers = [Answer.Created(Trigger, "The trigger.")],
        InputCodes = ["trigger_loop", "unknown_job_type"],
    };

    public static readonly Operation List = new("listTriggers", Tags.Triggers, "List triggers")
    {
        Description = "In order of creation.",
        Parameters = Parameter.Page,
        Answers = [Answer.Ok(Schema.PageOf(Trigger), "A page.")],
    };

    public static readonly Operation Get = new("getTrigger", Tags.Triggers, "Get a trigger")
    {
        Description = "A trigger does not change: delete it and make another.",
        Parameters = [Id],
        Answers = [Answer.Ok(Trigger, "The trigger.")],
        Errors = [Triggers.Trigger.NotFound()],
    };

    public static readonly Operation Delete = new("deleteTrigger", Tags.Triggers, "Delete a trigger")
    {
        Description = "Jobs that it started are left alone.",
        Parameters = [Id],
        Answers = [Answer.NoContent("Deleted.")],
        Errors = [Triggers.Trigger.NotFound()],
    };
}
