using System.ComponentModel.DataAnnotations;

namespace Platform.Eventing.WorkQueues;

/// <summary>A queue and its part of the workers.</summary>
/// <param name="Weight">While several queues have work, they get starts in proportion to their weights: none waits forever.</param>
/// <param name="Reserved">Slots that no other queue may take, so that long work elsewhere cannot occupy all of them.</param>
public sealed record WorkQueueShare(string Name, int Weight, int Reserved = 0)
{
    /// <summary>Of the whole queue, over all processes.</summary>
    public WorkLimits Limits { get; init; } = WorkLimits.None;

    /// <summary>Of each tenant in the queue, over all processes. A tenant may limit itself further (<c>work_limit</c>).</summary>
    public WorkLimits TenantLimits { get; init; } = WorkLimits.None;

    internal bool HasLimits => Limits != WorkLimits.None || TenantLimits != WorkLimits.None;
}

/// <summary>How much may be taken. Limits are kept before work is taken, so what is over them keeps no slot and stays in order.</summary>
/// <param name="Concurrency">Items in workers' hands at the same time; null for no limit.</param>
/// <param name="Rate">Null for no limit.</param>
public sealed record WorkLimits(int? Concurrency = null, WorkRate? Rate = null)
{
    public static readonly WorkLimits None = new();
}

/// <summary>
/// A rate (GCRA): after a rest up to <paramref name="Limit"/> starts at once, then one every <paramref name="Period"/> /
/// <paramref name="Limit"/>. A start that was given back has cost its place in the rate all the same.
/// </summary>
public sealed record WorkRate(int Limit, TimeSpan Period);

/// <summary>How one service's work queue runs in this process.</summary>
public sealed class WorkQueueOptions
{
    /// <summary>The queues that this process serves; items of others stay where they are.</summary>
    [MinLength(1)]
    public IReadOnlyList<WorkQueueShare> Queues { get; set; } = [new("default", 1)];

    /// <summary>Items that run at the same time.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 32;

    /// <summary>Most items of one claim. How many are really taken follows from how fast they are finished.</summary>
    [Range(1, 10_000)]
    public int Prefetch { get; set; } = 500;

    /// <summary>Most items of one completing transaction.</summary>
    [Range(1, 10_000)]
    public int CompleteBatch { get; set; } = 500;

    /// <summary>After this long without a renewal an item is taken by another worker; by the database's clock.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the leases of everything in hand are renewed.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is checked that running items have not been removed.</summary>
    public TimeSpan Watch { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an idle worker waits before it looks without having been woken.</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long running items may go on when the process stops; then they are cancelled and given back.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// While the oldest item of a queue waits, the queue's weight grows by itself with every such time, up to that of the heaviest queue.
    /// </summary>
    public TimeSpan Ageing { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the queue as a whole is looked at, for metrics and health.</summary>
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>From so many rows on that are gone and not yet vacuumed, health says degraded.</summary>
    public long DegradedDeadRows { get; set; } = 200_000;

    /// <summary>Pause after a failure of the database.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);
}
