namespace Platform.ServiceDefaults.OpenApi;

/// <summary>What every service serves.</summary>
internal static class PlatformDescriptions
{
    private static readonly Schema Name = Schema.Text("A name.", 255, 1);

    public static readonly Operation Live = new("getLiveness", Tags.Operations, "Whether the process lives")
    {
        Description = "200 while the process can answer at all. For a restart by whoever watches over it.",
        Answers =
        [
            Answer.Ok(Schema.Object("Liveness", "The process lives.", ("status", Schema.OneOf("Always this.", "live"))).Such("""{"status": "live"}"""), "It lives."),
        ],
    };

    public static readonly Operation Ready = new("getReadiness", Tags.Operations, "Whether requests will succeed")
    {
        Description = "`degraded` when requests succeed, but what follows from them is late. That is 200: taking an instance out of service would make nothing faster.",
        Answers =
        [
            Answer.Ok(
                Schema.Object("Readiness", "Requests will succeed.",
                    ("status", Schema.OneOf("How it does.", "ready", "degraded")),
                    ("reasons?", Schema.ListOf(Schema.Text("A reason.", 2048), "Why it is degraded.", 1000))).Such("""{"status": "ready"}"""),
                "Requests will succeed."),
            new(503, "Requests will fail.", Schema.Object("NotReady", "Requests will fail.",
                ("status", Schema.OneOf("Always this.", "not_ready")),
                ("failures", Schema.Map("The reason for each check that fails, by its name.", 100, 2048)))
                .Such("""{"status": "not_ready", "failures": {"database:core": "no answer in time"}}""")),
        ],
    };

    public static readonly Operation Metrics = new("getMetrics", Tags.Operations, "Metrics for Prometheus")
    {
        Description = "Counters, gauges and histograms of this process in Prometheus' text format. Numbers alone, and no organization's data.",
        Answers = [new(200, "The metrics.", Schema.Text("Prometheus' text format, version 0.0.4.", 100_000_000)) { MediaType = "text/plain" }],
    };

    public static readonly Operation Document = new("getOpenApi", Tags.Operations, "This document")
    {
        Description = "OpenAPI 3.1 of the routes that this process serves. The same routes give the same bytes.",
        Heeds = Heeds.IfNoneMatch,
        Answers = [Answer.Ok(Schema.AnyObject("An OpenAPI document."), "The document.") with { HasETag = true }],
    };

    public static readonly Operation Docs = new("getDocs", Tags.Operations, "This document for people")
    {
        Description = "A page that needs nothing from anywhere else.",
        Heeds = Heeds.IfNoneMatch,
        Answers = [new(200, "The page.", Schema.Text("HTML.", 100_000_000)) { MediaType = "text/html", HasETag = true }],
    };

    public static readonly Operation Streams = new("getStreams", Tags.Operations, "How the event path does")
    {
        Description = """
            Outbox, relay, consumer groups and what holds them up, of this process and, unless `local=true`, of its peers. A peer that does not answer is named in
            `unreachable`; the answer is 200 all the same.
            """,
        Parameters =
        [
            Parameter.Query("service", Name.As("Only this service.")),
            Parameter.Query("group", Name.As("Only this consumer group.")),
            Parameter.Query("local", Schema.OneOf("Whether peers are left out.", "true", "false").With("default", "false")),
        ],
        Answers = [Answer.Ok(Streaming, "What is known.")],
    };

    private static Schema Count(string description) => Schema.Whole(description, 0, Schema.MaxWhole);

    private static Schema Seconds(string description) => Schema.Number(description);

    private static Schema Streaming => Schema.Object("Streams", "The event path.",
        ("services", Schema.ListOf(Service, "A service each, by name.", 1000)),
        ("unreachable", Schema.ListOf(
            Schema.Object(null, "A peer that did not answer.", ("peer", Schema.Text("Its address.", 2048)), ("reason", Schema.Text("Why.", 4096))), "Peers that did not answer.", 1000)))
        .Such("""
            {"services": [{"service": "core", "engine": "postgres", "unreadable": null, "stream_unreachable": null,
              "outbox": {"events": 0, "oldest_age_seconds": null, "bytes": 24576}, "relay": {"leader": "host-1/4711", "since": "2026-01-31T12:00:00Z", "epoch": 3},
              "groups": [], "blocking": []}], "unreachable": []}
            """);

    private static Schema Service => Schema.Object("StreamService", "How one service's event path does.",
        ("service", Name),
        ("engine", Schema.Text("The stream engine that its groups read.", 32)),
        ("unreadable", Schema.Text("Why nothing but `blocking` is known; null when all is.", 4096).OrNull()),
        ("stream_unreachable", Schema.Text("Why heads and lags are not known; null when they are.", 4096).OrNull()),
        ("outbox", Schema.Object(null, "What is committed and not yet published.",
            ("events", Count("How many, counted up to 100,000.")), ("oldest_age_seconds", Seconds("Age of the oldest; null when there is none.").OrNull()),
            ("bytes", Count("On disk."))).OrNull()),
        ("relay", Schema.Object(null, "Who publishes.",
            ("leader", Schema.Text("The instance; empty before the first.", 255)), ("since", Schema.Time("Since when.")), ("epoch", Count("How many there were."))).OrNull()),
        ("groups", Schema.ListOf(Group, "Its consumer groups.", 1000)),
        ("blocking", Schema.ListOf(Session, "Sessions of its database server that hold others up or keep a transaction open.", 1000).OrNull()));

    private static Schema Group => Schema.Object("StreamGroup", "A consumer group.",
        ("group", Name),
        ("lag", Count("Messages not yet read; null while the stream cannot be reached.").OrNull()),
        ("lag_seconds", Seconds("Age of the oldest unread one; null when there is none or the engine cannot tell.").OrNull()),
        ("partitions", Schema.ListOf(
            Schema.Object("StreamPartition", "How far a partition is read.",
                ("engine", Schema.Text("The stream engine.", 32)), ("topic", Name), ("partition", Schema.Whole("Its number.")),
                ("next_offset", Count("The next to be read.")), ("head", Count("The offset that the next message gets.").OrNull()), ("lag", Count("Messages not yet read.").OrNull()),
                ("lag_seconds", Seconds("Age of the oldest unread one.").OrNull()), ("owner", Schema.Text("The instance that reads it; empty when none ever did.", 255)),
                ("epoch", Count("Of its ownership."))),
            "Its partitions.", 10_000)),
        ("parked_keys", Count("Keys that wait behind an event whose handler fails.")),
        ("parked", Schema.ListOf(
            Schema.Object("ParkedKey", "A key that waits.",
                ("topic", Name), ("partition", Schema.Whole("Its partition.")), ("key", Schema.Text("The key.", 2048)), ("events", Count("That wait.")),
                ("attempts", Schema.Whole("At the failing one.")), ("next_attempt_at", Schema.Time("When it is tried again.")), ("last_error", Schema.Text("What failed.", 8192).OrNull())),
            "The first of them.", 1000)),
        ("dead", Count("Dead events.")));

    private static Schema Session => Schema.Object("BlockingSession", "A session of the database.",
        ("pid", Schema.Whole("Its process.")), ("application", Schema.Text("Its name.", 255)), ("why", Schema.OneOf("Why it is listed.", "blocks", "long_transaction")),
        ("blocks", Schema.ListOf(Schema.Text("relay, consumer, maintenance, request or other.", 64), "What waits for it.", 100)),
        ("state", Schema.Text("As the server has it.", 64)), ("since", Schema.Time("Since when.").OrNull()), ("transaction_seconds", Seconds("How long its transaction is open.").OrNull()),
        ("query", Schema.Text("The head of its last statement, without values.", 8192)));
}
