using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.DeadLetters;

/// <summary>The routes of dead letters, for the document.</summary>
internal static class DeadLettersDescriptions
{
    private static readonly Schema Name = Schema.Text("A name.", 255, 1);
    private static readonly Schema Source = Schema.OneOf("Where it comes from.", LetterSource.All);
    private static readonly Schema Group = Name.As("Only of this consumer group.");
    private static readonly Schema Topic = Name.As("Only of this topic.");
    private static readonly Schema Since = Schema.Time("Only those that died then or later.");
    private static readonly Schema Until = Schema.Time("Only those that died before.");

    private static readonly Schema Letter = Schema.Object("DeadLetter", "What could not succeed. Which of the later fields are there depends on `source`.",
        ("id", Schema.Id(IdPrefix.DeadLetter, "Its id.")),
        ("source", Source),
        ("state", Schema.OneOf("`redriving` until the service that gave it up has tried again.", LetterState.Dead, LetterState.Redriving)),
        ("type", Schema.Text("Of the job or of the event.", 255)),
        ("reason", Schema.Text("Why it was given up.", 8192)),
        ("attempts", Schema.Whole("How often it was tried.")),
        ("died_at", Schema.Time("When it was given up.")),
        ("job_id?", Schema.Id(IdPrefix.Job, "Of `jobs`: the job.")),
        ("queue?", Name.As("Of `jobs`: its queue.")),
        ("errors?", JobsDescriptions.Attempts.As("Of `jobs`: the attempts that failed.")),
        ("deaths?", Schema.Whole("Of `events` and `webhooks`: how often it died.")),
        ("event_id?", Schema.Id(IdPrefix.Event, "Of `events` and `webhooks`: the event.")),
        ("topic?", Name.As("Of `events`: where it stands.").OrNull()),
        ("partition?", Schema.Whole("Of `events`: where it stands.")),
        ("offset?", Schema.Whole("Of `events`: where it stands.", 0, Schema.MaxWhole)),
        ("group?", Name.As("Of `events`: the consumer group that gave it up.").OrNull()),
        ("key?", Schema.Text("Of `events`: its key.", 2048).OrNull()),
        ("exception_type?", Schema.Text("Of `events`: what the handler threw.", 1024).OrNull()),
        ("delivery_id?", Schema.Text("Of `webhooks`: the delivery.", 64).OrNull()))
        .Such("""
            {"id": "dlq_01jk2m3n4p5q6r7s8t9v0w1x2y", "source": "jobs", "state": "dead", "type": "http.request", "reason": "The answer was 500: ", "attempts": 25,
             "died_at": "2026-01-31T12:00:00Z", "job_id": "job_01jk2m3n4p5q6r7s8t9v0w1x2y", "queue": "default",
             "errors": [{"attempt": 25, "at": "2026-01-31T12:00:00Z", "error": "The answer was 500: "}]}
            """);

    private static readonly Schema WithContent = Letter.And("DeadLetterWithContent", "A dead letter and what it carries.",
        ("headers", Schema.AnyObject("The event's headers.")),
        ("payload_size", Schema.Whole("Bytes that the payload has in all.")),
        ("payload_truncated", Schema.Flag("Whether only the first 64 KiB are shown.")),
        ("payload?", Schema.Anything("The payload where it is JSON and whole.")),
        ("payload_text?", Schema.Text("The payload where it is other text.", LetterContent.MaxPayload)),
        ("payload_base64?", Schema.Text("The payload where it is no text.", LetterContent.MaxPayload * 2, 0, "^[A-Za-z0-9+/]*={0,2}$")))
        .Such("""
            {"id": "dlq_01jk2m3n4p5q6r7s8t9v0w1x2y", "source": "events", "state": "dead", "type": "resource.created", "reason": "The handler failed.", "attempts": 12,
             "died_at": "2026-01-31T12:00:00Z", "deaths": 1, "event_id": "evt_01jk2m3n4p5q6r7s8t9v0w1x2y", "topic": "events.core", "partition": 3, "offset": 1234, "group": "analytics.search",
             "key": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "exception_type": "System.FormatException", "headers": {"ce_type": "resource.created"}, "payload_size": 2, "payload_truncated": false, "payload": {}}
            """);

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.DeadLetter, "The dead letter."));

    private static readonly Schema Filter = Schema.Input("DeadLetterFilter", "Which ones; all of it must hold, and `{}` is every dead letter.",
        ("source?", Source),
        ("type?", Name.As("Only of this type.")),
        ("group?", Group),
        ("topic?", Topic),
        ("since?", Since),
        ("until?", Until),
        ("ids?", Schema.ListOf(Schema.Id(IdPrefix.DeadLetter, "An id."), "Only these.", FilteredChange.MaxLimit)));

    public static readonly Operation List = new("listDeadLetters", Tags.DeadLetters, "List dead letters")
    {
        Description = "Of all sources, newest first. A key with `operations.read` also sees the letters that belong to no organization.",
        Parameters =
        [
            Parameter.Query("source", Source.As("Only of this source.")),
            Parameter.Query("type", Name.As("Only of this type of job or event.")),
            Parameter.Query("group", Group),
            Parameter.Query("topic", Topic),
            Parameter.Query("since", Since),
            Parameter.Query("until", Until),
            .. Parameter.Page,
        ],
        Answers = [Answer.Ok(Schema.PageOf(Letter), "A page.")],
    };

    public static readonly Operation Get = new("getDeadLetter", Tags.DeadLetters, "Get a dead letter")
    {
        Description = "With its headers and the first 64 KiB of its payload.",
        Parameters = [Id],
        Answers = [Answer.Ok(WithContent, "The dead letter.")],
        Errors = [KnownProblems.NotFound("dead letter")],
    };

    public static readonly Operation Redrive = new("redriveDeadLetter", Tags.DeadLetters, "Redrive a dead letter")
    {
        Description = "Of a job: the job, with a fresh set of attempts; its letter is gone. Of anything else: the letter, `redriving` until the service that gave it up has tried again; asking twice is asking once.",
        Parameters = [Id],
        Answers = [Answer.Ok(Schema.AnyOf("Redriven", "The job, or the letter.", JobsDescriptions.Shown, Letter), "It is tried again.")],
        Errors = [KnownProblems.NotFound("dead letter"), JobProblems.UniqueKeyTaken()],
    };

    public static readonly Operation RedriveMany = new("redriveDeadLetters", Tags.DeadLetters, "Redrive many dead letters")
    {
        Description = "Takes up to `limit` at once; call again while `has_more`. Events of one partition go back in their order.",
        Body = new(Schema.Input("Redrive", "Which ones, and how many at most.",
            ("filter", Filter),
            ("limit?", Schema.Whole("How many at most.", 1, FilteredChange.MaxLimit).With("default", 1000)))
            .Such("""{"filter": {"source": "jobs", "since": "2026-01-31T00:00:00Z"}, "limit": 500}""")),
        Answers =
        [
            Answer.Ok(Schema.Object("RedriveResult", "What was taken.",
                ("redriven", Schema.Whole("How many are tried again.")),
                ("skipped", Schema.Whole("How many could not be, such as a job whose `unique_key` another one has.")),
                ("has_more", Schema.Flag("Whether the filter holds more.")))
                .Such("""{"redriven": 17, "skipped": 0, "has_more": false}"""), "What was taken."),
        ],
    };
}
