using System.ComponentModel.DataAnnotations;

namespace Platform.ServiceDefaults.RateLimiting;

/// <summary>Settings under <c>RateLimit</c>.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Requests a minute of a key that has no limit of its own, in each process.</summary>
    [Range(1, 100_000_000)]
    public int RequestsPerMinute { get; set; } = 600_000;
}
