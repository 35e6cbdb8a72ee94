using Platform.Contracts.Identifiers;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Endpoints;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Notifications.Replays;

/// <summary>The routes of replays, for the document.</summary>
internal static class ReplaysDescriptions
{
    private static readonly Schema EndpointId = Schema.Id(IdPrefix.WebhookEndpoint, "The endpoint.");
    private static readonly Schema Since = Schema.Time("From this time on, by when the event happened.");
    private static readonly Schema Until = Schema.Time("Before this time; now where it is left out or later.");
    private static readonly Schema EventTypes = Schema.ListOf(Schema.Text("A type such as `resource.created`, or a pattern such as `resource.*`.", 128, 1), "Only events of these types.");
    private static readonly Schema OnlyFailed = Schema.Flag("What failed for good.");
    private static readonly Schema OnlyMissing = Schema.Flag("What the endpoint never got: it came later, wanted less, or was disabled.");
    private static readonly Schema Error = Schema.Text("What failed with this error.", 64, 1);

    private static readonly Schema Shown = Schema.Object("WebhookReplay", "Past events that are sent again in the background.",
        ("id", Schema.Id(IdPrefix.Replay, "Its id.")),
        ("endpoint_id", EndpointId.As("The endpoint; null for all.").OrNull()),
        ("state", Schema.OneOf("`finished` when all is queued, which is not to say delivered.", ReplayState.All)),
        ("reason", Schema.Text("Why it failed.", 64).OrNull()),
        ("since", Since.OrNull()),
        ("until", Until),
        ("only_failed", OnlyFailed),
        ("only_missing", OnlyMissing),
        ("event_types", EventTypes),
        ("delivery_state", Schema.OneOf("Only deliveries in this state; null where that does not matter.", Replays.RedeliverMany.States).OrNull()),
        ("error", Error.OrNull()),
        ("scanned", Schema.Whole("Events or deliveries that were looked at.", 0, Schema.MaxWhole)),
        ("queued", Schema.Whole("Those of them that are sent again.", 0, Schema.MaxWhole)),
        ("created_at", Schema.Time("When it was asked for.")),
        ("finished_at", Schema.Time("When it ended; null before.").OrNull()))
        .Such("""
            {"id": "rpl_01jk2m3n4p5q6r7s8t9v0w1x2y", "endpoint_id": "whe_01jk2m3n4p5q6r7s8t9v0w1x2y", "state": "running", "reason": null,
             "since": "2026-01-31T00:00:00Z", "until": "2026-01-31T12:00:00Z", "only_failed": false, "only_missing": true, "event_types": ["*"], "delivery_state": null,
             "error": null, "scanned": 1500, "queued": 320, "created_at": "2026-01-31T12:00:00Z", "finished_at": null}
            """);

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Replay, "The replay."));

    public static readonly Operation OfEndpoint = new("replayWebhookEndpoint", Tags.Webhooks, "Replay past events to an endpoint")
    {
        Description = """
            Sends what the endpoint would want of that time once more, with the same `webhook-id`; with `only_failed` or `only_missing` (or both) only what it did
            not get. It happens in the background at a bounded rate, and fresh events go first.
            """,
        Parameters = [Parameter.Path("id", EndpointId)],
        Body = new(Schema.Input(null, "Which events.", ("since", Since), ("until?", Until), ("only_failed?", OnlyFailed), ("only_missing?", OnlyMissing), ("event_types?", EventTypes))
            .Such("""{"since": "2026-01-31T00:00:00Z", "only_missing": true}""")),
        Answers = [new(202, "The replay, which runs.", Shown) { HasLocation = true }],
        Errors = [EndpointInput.NotFound(), TestEndpoint.IsDisabled(), ReplayRows.TooMany()],
    };

    public static readonly Operation RedeliverMany = new("redeliverMany", Tags.Deliveries, "Deliver many again")
    {
        Description = "Finished deliveries start anew in the background. Those of endpoints that are deleted or disabled are left alone. `{}` means everything that failed.",
        Body = new(Schema.Input(null, "Which deliveries.",
            ("endpoint_id?", EndpointId.As("Only of this endpoint.")),
            ("state?", Schema.OneOf("Those in this state; `failed` where it is left out.", Replays.RedeliverMany.States)),
            ("error?", Error), ("since?", Since), ("until?", Until))
            .Such("""{"state": "failed", "error": "timeout", "since": "2026-01-31T00:00:00Z"}""")),
        Answers = [new(202, "The replay, which runs.", Shown) { HasLocation = true }],
        Errors = [EndpointInput.NotFound(), TestEndpoint.IsDisabled(), ReplayRows.TooMany()],
    };

    public static readonly Operation List = new("listWebhookReplays", Tags.Webhooks, "List replays")
    {
        Description = "The latest first.",
        Parameters = Parameter.Page,
        Answers = [Answer.Ok(Schema.PageOf(Shown), "A page.")],
    };

    public static readonly Operation Get = new("getWebhookReplay", Tags.Webhooks, "Get a replay")
    {
        Description = "How far it has come.",
        Parameters = [Id],
        Answers = [Answer.Ok(Shown, "The replay.")],
        Errors = [Replay.NotFound()],
    };

    public static readonly Operation Cancel = new("cancelWebhookReplay", Tags.Webhooks, "Cancel a replay")
    {
        Description = "Nothing more is queued; what is queued is sent. One that has ended stays as it is.",
        Parameters = [Id],
        Answers = [Answer.Ok(Shown, "The replay.")],
        Errors = [Replay.NotFound()],
    };
}
