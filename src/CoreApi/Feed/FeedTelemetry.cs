using System.Diagnostics.Metrics;

namespace Platform.CoreApi.Feed;

/// <summary>Instruments of the event feed.</summary>
internal static class FeedTelemetry
{
    private static readonly Meter Meter = new("Platform.CoreApi.Feed");

    /// <summary>Streams that are open, by <c>transport</c>.</summary>
    public static readonly UpDownCounter<int> Clients = Meter.CreateUpDownCounter<int>("platform.feed.clients", "{client}");

    /// <summary>Events written to clients, by <c>transport</c>.</summary>
    public static readonly Counter<long> Sent = Meter.CreateCounter<long>("platform.feed.sent", "{event}");

    /// <summary>Clients that were disconnected because they took nothing, by <c>transport</c>.</summary>
    public static readonly Counter<long> Slow = Meter.CreateCounter<long>("platform.feed.slow_clients", "{client}");

    /// <summary>From when an event was recorded to when this process has it for its clients.</summary>
    public static readonly Histogram<double> Lag = Meter.CreateHistogram<double>("platform.feed.lag", "s");

    /// <summary>Pages read from the table for clients that are behind.</summary>
    public static readonly Counter<long> Pages = Meter.CreateCounter<long>("platform.feed.pages", "{page}");
}
