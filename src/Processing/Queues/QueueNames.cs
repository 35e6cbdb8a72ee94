using Platform.Eventing.WorkQueues;

namespace Platform.Processing.Queues;

/// <summary>The queues, in the order of their weight.</summary>
internal static class QueueNames
{
    public const string Default = "default";

    public static readonly IReadOnlyList<WorkQueueShare> Shares =
        [new("critical", Weight: 6, Reserved: 4), new(Default, Weight: 3), new("notifications", Weight: 2), new("bulk", Weight: 1)];

    public static IReadOnlyList<string> All { get; } = [.. Shares.Select(s => s.Name)];
}
