using Platform.Contracts.Identifiers;
using Platform.CoreApi.Feed.WebSockets;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed;

/// <summary>The routes of the event feed, for the document.</summary>
internal static class FeedDescriptions
{
    private static readonly Schema Event = Schema.Object("Event", "Something that happened. It does not change.",
        ("id", Schema.Id(IdPrefix.Event, "Its id; also the `webhook-id` of its deliveries.")),
        ("type", Schema.Text("What happened, in the past tense.", 128, 1)),
        ("subject", Schema.Text("What it is about, such as a resource's id.", 256)),
        ("time", Schema.Time("When it happened.")),
        ("position", Schema.Whole("Its place in the organization's feed: 1, 2, 3, ... Also its `ETag`.", 1, Schema.MaxWhole)),
        ("data", Schema.Anything("What the type says.")))
        .Such("""
            {"id": "evt_01jk2m3n4p5q6r7s8t9v0w1x2y", "type": "resource.created", "subject": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "time": "2026-01-31T12:00:00Z", "position": 42,
             "data": {"id": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "type": "order", "version": 1}}
            """);

    private static readonly Parameter[] Filters =
    [
        Parameter.Query("type", Schema.ListOf(
            Schema.Text("A type, all below one (`resource.*`), or `*`.", 128, 1, @"^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?)$"), "Only of these types; may be repeated.")),
        Parameter.Query("subject", Schema.ListOf(Schema.Text("What an event is about.", 256, 1), "Only about these; may be repeated.")),
        Parameter.Query("label", Schema.ListOf(Schema.Text("`name:value`.", 512, 2, "^[^:]+:.*$"), "Only with all of these labels; may be repeated.", 64)),
        Parameter.Query("after", Schema.Whole("Only behind this position.", 0, Schema.MaxWhole)),
    ];

    public static readonly Operation List = new("listEvents", Tags.Events, "List events")
    {
        Description = "By position, the newest last. A page of a filter that little fits can have fewer events than asked for, or none, and still say that there is more. 410 where what follows `after` is no longer kept.",
        Parameters = [.. Filters, Parameter.Fields(FeedEvent.FieldNames), .. Parameter.Page],
        Answers = [Answer.Ok(Schema.PageOf(Event.Selectable()), "A page.")],
        Errors = [ListEvents.Expired(1200)],
        InputCodes = ["beyond_head", "duplicate"],
    };

    public static readonly Operation Get = new("getEvent", Tags.Events, "Get an event")
    {
        Description = "As long as it is kept.",
        Parameters = [Parameter.Path("id", Schema.Id(IdPrefix.Event, "The event.")), Parameter.Fields(FeedEvent.FieldNames)],
        Heeds = Heeds.IfNoneMatch,
        Answers = [Answer.Ok(Event.Selectable(), "The event.") with { HasETag = true }],
        Errors = [KnownProblems.NotFound("event")],
    };

    public static readonly Operation Stream = new("streamEvents", Tags.Events, "Follow events")
    {
        Description = """
            Server-sent events, as the HTML standard has them: `data` is an event's document, `id` its position. Begins with what comes now, behind `after`, or behind `Last-Event-ID`, which wins.
            An event named `gap` says that something was missed because it is no longer kept; a comment is a heartbeat.
            """,
        Parameters = [.. Filters, new("Last-Event-ID", "header", Schema.Text("The `id` of the last event that was seen.", 32, 1, "^[0-9]+$")) { Example = "42" }],
        Answers =
        [
            new(200, "The stream, until one side ends it.", Schema.Text("Server-sent events.", 100_000_000))
            {
                MediaType = "text/event-stream", Headers = [("X-Accel-Buffering", "`no`: a proxy passes it on as it comes.")],
            },
        ],
        Errors = [EventFeed.TooMany(100)],
        InputCodes = ["beyond_head", "duplicate"],
    };

    public static readonly Operation Socket = new("openSocket", Tags.Events, "Follow events by WebSocket")
    {
        Description = "Sub-protocol `platform.json` (also without any) or `platform.msgpack`; frames subscribe, unsubscribe and resume. A browser has to come from an origin that is allowed.",
        Parameters = [new("Sec-WebSocket-Protocol", "header", Schema.Text("The sub-protocols that the caller speaks.", 1024, 1)) { Example = "platform.json" }],
        Answers = [new(101, "The WebSocket is open.")],
        Errors = [OpenSocket.UpgradeRequired(), EventFeed.TooMany(100)],
    };
}
