using System.ComponentModel.DataAnnotations;

namespace Platform.Notifications;

/// <summary>How webhooks are delivered; section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    private static readonly TimeSpan[] DefaultRetries =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
        TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14),
    ];

    /// <summary>For a whole attempt: name, connection, request, and as much of the answer as is kept.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For the connection alone.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pauses between attempts; after the last one the delivery has failed. By default 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h.</summary>
    public TimeSpan[]? Retries { get; set; }

    /// <summary>Each pause is longer or shorter by up to this share, so that what failed together does not come back together.</summary>
    [Range(0, 1)]
    public double Jitter { get; set; } = 0.2;

    /// <summary>Attempts at one endpoint at a time, in this process.</summary>
    [Range(1, 1000)]
    public int EndpointConcurrency { get; set; } = 8;

    /// <summary>Attempts at a time, in this process.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 512;

    /// <summary>After so many failures in a row, whoever made the attempts, an endpoint is sent nothing but probes until one succeeds.</summary>
    [Range(1, 10_000)]
    public int CircuitFailures { get; set; } = 10;

    /// <summary>Until the first probe; each one that fails doubles it.</summary>
    public TimeSpan CircuitPause { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan CircuitLongestPause { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often endpoints are looked after: probes and events come no sooner, and what has waited is let go in steps of this length.</summary>
    public TimeSpan CareInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>An endpoint that has done nothing but fail for so long is disabled; its owner is told when half of it is over. Zero for never.</summary>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long messages, deliveries and attempts are kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Deliveries that a replay queues in a second at most, over all processes.</summary>
    [Range(1, 100_000)]
    public int ReplayRate { get; set; } = 500;

    internal IReadOnlyList<TimeSpan> RetrySchedule => Retries ?? DefaultRetries;
}
