using Platform.Contracts.Identifiers;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.Notifications.Deliveries;

/// <summary>The routes of deliveries, for the document.</summary>
internal static class DeliveriesDescriptions
{
    private static readonly (string, Schema)[] Times =
    [
        ("attempt_count", Schema.Whole("The attempts made.")),
        ("created_at", Schema.Time("When it was made.")),
        ("last_attempt_at", Schema.Time("When it was tried last; null before the first attempt.").OrNull()),
        ("next_attempt_at", Schema.Time("When it is tried again; null where no attempt waits for its time.").OrNull()),
        ("finished_at", Schema.Time("When it ended; null before.").OrNull()),
    ];

    private static readonly Schema EndpointId = Schema.Id(IdPrefix.WebhookEndpoint, "The endpoint.");
    private static readonly Schema EventId = Schema.Id(IdPrefix.Event, "The event; also the `webhook-id` of every attempt.");
    private static readonly Schema EventType = Schema.Text("The event's type; null when the message has expired.", 255).OrNull();
    private static readonly Schema Reason = Schema.Text("Why it failed where no attempt says so; of a pending one what it waits for: `waiting_for_order`, `circuit_open`.", 64);

    public static readonly Schema Shown = Schema.Object("Delivery", "One event on its way to one endpoint.",
        [
            ("id", Schema.Id(IdPrefix.Delivery, "Its id: the same event and endpoint have the same.")),
            ("endpoint_id", EndpointId),
            ("event_id", EventId),
            ("event_type", EventType),
            ("state", Schema.OneOf("`pending` while an attempt runs or follows.", DeliveryState.All)),
            ("reason", Reason.OrNull()),
            .. Times,
        ])
        .Such("{" + Example + "}");

    private static readonly Schema WithAttempts = Shown.And("DeliveryWithAttempts", "A delivery and every attempt of it.", ("attempts", Schema.ListOf(AttemptDescription.Shown, "The first one first.", 1000)))
        .Such("{" + Example + """
            , "attempts": [
            """ + AttemptDescription.Example + "]}");

    private static readonly Schema OfEvent = Schema.Object("EventDelivery", "What became of an event at one endpoint: its delivery, or why there is none.",
        [
            ("id", Schema.Id(IdPrefix.Delivery, "The delivery; null for none.").OrNull()),
            ("endpoint_id", EndpointId),
            ("event_id", EventId),
            ("event_type", EventType),
            ("state", Schema.OneOf("`unmatched` where there is no delivery.", [.. DeliveryState.All, EventOutcome.Unmatched])),
            ("outcome", Schema.OneOf("What became of it, in a word.", EventOutcome.All)),
            ("reason", Reason.As("""
                Of `unmatched`: which filter (`event_type`, `labels`, `filter`), or `changed_since` where the endpoint would want the event by now. Of `throttled`:
                `rate_limit`, `endpoint_busy` or `circuit_open`. Of `pending`: `queued`, `sending`, `retry` or `waiting_for_order`. Of `failed`: the last error.
                """).OrNull()),
            ("explanation", Schema.Text("The same for people.", 1024)),
            .. Times.Select(t => (t.Item1 + "?", t.Item2)),
            ("endpoint_url", Schema.Text("The endpoint's address.", 2048)),
            ("endpoint_disabled_at", Schema.Time("Since when the endpoint is disabled; null where it is not.").OrNull()),
            ("endpoint_disabled_reason", Schema.Text("Why it is.", 64).OrNull()),
        ])
        .Such("{" + Example + """
            , "outcome": "delivered", "explanation": "Delivered at attempt 1.", "endpoint_url": "https://example.com/hooks", "endpoint_disabled_at": null,
            "endpoint_disabled_reason": null}
            """);

    private const string Example = """
        "id": "dlv_01jk2m3n4p5q6r7s8t9v0w1x2y", "endpoint_id": "whe_01jk2m3n4p5q6r7s8t9v0w1x2y", "event_id": "evt_01jk2m3n4p5q6r7s8t9v0w1x2y", "event_type": "resource.created",
        "state": "succeeded", "reason": null, "attempt_count": 1, "created_at": "2026-01-31T12:00:00Z", "last_attempt_at": "2026-01-31T12:00:00Z", "next_attempt_at": null,
        "finished_at": "2026-01-31T12:00:00Z"
        """;

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Delivery, "The delivery."));

    public static readonly Operation List = new("listDeliveries", Tags.Deliveries, "List an endpoint's deliveries")
    {
        Description = "The latest event first.",
        Parameters =
        [
            Parameter.Path("id", EndpointId),
            Parameter.Query("state", Schema.OneOf("Only in this state.", DeliveryState.All)),
            Parameter.Fields(Delivery.FieldNames),
            .. Parameter.Page,
        ],
        Answers = [Answer.Ok(Schema.PageOf(Shown.Selectable()), "A page.")],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation Get = new("getDelivery", Tags.Deliveries, "Get a delivery")
    {
        Description = "With every attempt: request, response, timing, error.",
        Parameters = [Id],
        Answers = [Answer.Ok(WithAttempts, "The delivery.")],
        Errors = [Delivery.NotFound()],
    };

    public static readonly Operation Redeliver = new("redeliver", Tags.Deliveries, "Deliver again")
    {
        Description = "A finished delivery starts anew, with all its retries and the same `webhook-id`; one that waits for its next attempt is tried at once.",
        Parameters = [Id],
        Answers = [new(202, "The delivery, which will be tried.", Shown) { HasLocation = true }],
        Errors = [Delivery.NotFound(), Deliveries.Redeliver.EndpointDeleted(), TestEndpoint.IsDisabled()],
    };

    public static readonly Operation ListOfEvent = new("listEventDeliveries", Tags.Deliveries, "List an event's deliveries")
    {
        Description = "Why did it not arrive? For each endpoint of the organization the delivery of this event, or why there is none. There is one page.",
        Parameters = [Parameter.Path("id", EventId)],
        Answers = [Answer.Ok(Schema.PageOf(OfEvent, 100_000), "An entry for each endpoint.")],
        Errors = [KnownProblems.NotFound("event")],
    };
}
