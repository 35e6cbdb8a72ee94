using Platform.Eventing.WorkQueues;

namespace Platform.Processing.Queues;

/// <summary>A queue by configuration, <c>Processing:Queues:{name}</c>; what is left out is as the built-in queue of that name has it.</summary>
public sealed class QueueSettings
{
    /// <summary>Its part of the starts while several queues have work; 1 for a queue of one's own.</summary>
    public int? Weight { get; set; }

    /// <summary>Slots of each process that no other queue takes; 0 for a queue of one's own.</summary>
    public int? Reserved { get; set; }

    /// <summary>Jobs that run at the same time, over all processes; null for no limit.</summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>Starts per <see cref="RatePeriod"/>, over all processes; null for no limit.</summary>
    public int? RateLimit { get; set; }

    /// <summary>Of <see cref="RateLimit"/> and <see cref="TenantRateLimit"/>.</summary>
    public TimeSpan RatePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Jobs of one organization that run at the same time; null for no limit.</summary>
    public int? TenantConcurrency { get; set; }

    /// <summary>Starts of one organization per <see cref="RatePeriod"/>; null for no limit.</summary>
    public int? TenantRateLimit { get; set; }

    internal WorkQueueShare ShareOf(string name, WorkQueueShare? builtIn) =>
        new(name, Weight ?? builtIn?.Weight ?? 1, Reserved ?? builtIn?.Reserved ?? 0)
        {
            Limits = LimitsOf(MaxConcurrency, RateLimit),
            TenantLimits = LimitsOf(TenantConcurrency, TenantRateLimit),
        };

    /// <summary>What cannot be meant, a sentence each.</summary>
    internal IEnumerable<string> Faults()
    {
        if (Weight is < 1 or > 1000)
        {
            yield return "Weight is 1 to 1000.";
        }

        if (Reserved is < 0)
        {
            yield return "Reserved is 0 or more.";
        }

        if (MaxConcurrency is < 1 || RateLimit is < 1 || TenantConcurrency is < 1 || TenantRateLimit is < 1)
        {
            yield return "A limit is 1 or more, or left out.";
        }

        if (RatePeriod < TimeSpan.FromMilliseconds(1) || RatePeriod > TimeSpan.FromDays(1))
        {
            yield return "RatePeriod is a millisecond to a day.";
        }
    }

    private WorkLimits LimitsOf(int? concurrency, int? rate) =>
        concurrency is null && rate is null ? WorkLimits.None : new(concurrency, rate is { } limit ? new(limit, RatePeriod) : null);
}
