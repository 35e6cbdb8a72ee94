using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Platform.Notifications;

/// <summary>Instruments of webhook delivery.</summary>
internal static class WebhookTelemetry
{
    public const string Name = "Platform.Notifications";

    public static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    /// <summary>Attempts by <c>outcome</c>: succeeded, or the class of the error.</summary>
    public static readonly Counter<long> Attempts = Meter.CreateCounter<long>("platform.webhook.attempts", "{attempt}");

    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("platform.webhook.attempt.duration", "s");
}
