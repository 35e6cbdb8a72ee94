using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.Queues;

/// <summary>The routes of queues, for the document.</summary>
internal static class QueuesDescriptions
{
    private static readonly Schema Queue = Schema.Object("Queue", "A queue as the caller's organization has it.",
        ("name", Schema.OneOf("Its name.", QueueNames.All)),
        ("depth", Count("Jobs that wait for a worker.")),
        ("scheduled", Count("Jobs that wait for their time, those between two attempts included.")),
        ("running", Count("Jobs that a worker has.")),
        ("lag", Schema.Number("Seconds for which the oldest job has been waiting for a worker; 0 when none is.")),
        ("rate", Schema.Number("Jobs that ended per second, over the last minute.")),
        ("paused", Schema.Flag("Whether the organization has paused it.")))
        .Such("""{"name": "default", "depth": 3, "scheduled": 1, "running": 2, "lag": 0.012, "rate": 4.5, "paused": false}""");

    private static readonly Parameter Name = Parameter.Path("queue", Schema.OneOf("The queue.", QueueNames.All));

    public static readonly Operation List = new("listQueues", Tags.Queues, "List queues")
    {
        Description = "All of them, in the order of their weight, with what the caller's organization has in them. There is one page.",
        Answers = [Answer.Ok(Schema.PageOf(Queue), "The queues.")],
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
