using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.Queues;

/// <summary>The routes of queues, for the document.</summary>
internal static class QueuesDescriptions
{
    private static readonly Schema Concurrency = Schema.Whole("Jobs that may run at the same time.", 1, QueueLimits.MaxConcurrency);

    private static readonly Schema RateLimit = Schema.Object("QueueRate", "Starts per period: after a rest up to `limit` at once, then evenly.",
        ("limit", Schema.Whole("Starts.", 1, QueueLimits.MaxRate)),
        ("period", Schema.Number("Seconds.")))
        .Such("""{"limit": 100, "period": 60}""");

    private static readonly Schema Queue = Schema.Object("Queue", "A queue as the caller's organization has it.",
        ("name", QueueNames.Schema("Its name.")),
        ("depth", Count("Jobs that wait for a worker.")),
        ("scheduled", Count("Jobs that wait for their time, those between two attempts included.")),
        ("running", Count("Jobs that a worker has.")),
        ("lag", Schema.Number("Seconds for which the oldest job has been waiting for a worker; 0 when none is.")),
        ("rate", Schema.Number("Jobs that ended per second, over the last minute.")),
        ("paused", Schema.Flag("Whether the organization has paused it.")),
        ("concurrency", Concurrency.As("Jobs that the organization lets run at the same time; null for no limit.").OrNull()),
        ("rate_limit", RateLimit.OrNull()),
        ("limits", Schema.Object("QueueLimits", "What the platform's configuration allows each organization; of both the lower holds.",
            ("concurrency", Concurrency.OrNull()),
            ("rate_limit", RateLimit.OrNull()))))
        .Such("""
            {"name": "default", "depth": 3, "scheduled": 1, "running": 2, "lag": 0.012, "rate": 4.5, "paused": false,
             "concurrency": 5, "rate_limit": {"limit": 100, "period": 60}, "limits": {"concurrency": null, "rate_limit": null}}
            """);

    private static readonly Schema NewLimits = Schema.Input("QueuePatch", "What is to change; null takes a limit away.",
        ("concurrency?", Concurrency.OrNull()),
        ("rate_limit?", Schema.Input("NewQueueRate", "Starts per period.",
            ("limit", Schema.Whole("Starts.", 1, QueueLimits.MaxRate)),
            ("period", Schema.Whole("Seconds.", 1, QueueLimits.MaxPeriodSeconds))).OrNull()))
        .Such("""{"concurrency": 5, "rate_limit": {"limit": 100, "period": 60}}""");

    private static readonly Parameter Name = Parameter.Path("queue", QueueNames.Schema("The queue."));

    public static readonly Operation List = new("listQueues", Tags.Queues, "List queues")
    {
        Description = "All of them, in the order of their weight, with what the caller's organization has in them. There is one page.",
        Answers = [Answer.Ok(Schema.PageOf(Queue), "The queues.")],
    };

    public static readonly Operation Limit = new("limitQueue", Tags.Queues, "Limit a queue")
    {
        Description = "How much of the queue the caller's organization allows itself: the rest waits, in order, and holds up nobody else. What already runs goes on. "
            + "A job that is given back by a worker that stops has cost its place in the rate.",
        Parameters = [Name],
        Body = RequestBody.MergePatch(NewLimits),
        Answers = [Answer.Ok(Queue, "The queue with its limits.")],
        Errors = [KnownProblems.NotFound("queue")],
    };

    public static readonly Operation Pause = new("pauseQueue", Tags.Queues, "Pause a queue")
    {
        Description = "For the caller's organization alone: no job of it is taken any more. What already runs goes on.",
        Parameters = [Name],
        Answers = [Answer.Ok(Queue, "The queue, paused.")],
        Errors = [KnownProblems.NotFound("queue")],
    };

    public static readonly Operation Resume = new("resumeQueue", Tags.Queues, "Resume a queue")
    {
        Description = "For the caller's organization alone. What waits is taken at once.",
        Parameters = [Name],
        Answers = [Answer.Ok(Queue, "The queue, resumed.")],
        Errors = [KnownProblems.NotFound("queue")],
    };

    private static Schema Count(string description) => Schema.Whole(description, 0, Schema.MaxWhole);
}
