using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Platform.Eventing.Telemetry;

/// <summary>Names and instruments of the event path; names follow OpenTelemetry's messaging conventions where there is one.</summary>
public static class EventingTelemetry
{
    public const string Name = "Platform.Eventing";

    internal static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    /// <summary>Events moved from an outbox to the stream, by <c>service</c>.</summary>
    internal static readonly Counter<long> Relayed = Meter.CreateCounter<long>("platform.relay.events", "{event}");

    /// <summary>Commit of the state change to append in the stream, by <c>service</c>.</summary>
    internal static readonly Histogram<double> RelayBatch = Meter.CreateHistogram<double>("platform.relay.duration", "s");

    /// <summary>1 on the instance that leads the relay of a <c>service</c>.</summary>
    internal static readonly UpDownCounter<int> RelayLeader = Meter.CreateUpDownCounter<int>("platform.relay.leader");

    /// <summary>Events handled and committed, by <c>group</c>.</summary>
    internal static readonly Counter<long> Consumed = Meter.CreateCounter<long>("platform.consumer.events", "{event}");

    /// <summary>Duplicates dropped by the inbox, by <c>group</c>.</summary>
    internal static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("platform.consumer.duplicates", "{event}");

    /// <summary>Batches rolled back, by <c>group</c>.</summary>
    internal static readonly Counter<long> Failures = Meter.CreateCounter<long>("platform.consumer.failures", "{batch}");

    /// <summary>From the event's time to the commit of its effects, by <c>group</c>.</summary>
    internal static readonly Histogram<double> Age = Meter.CreateHistogram<double>("platform.consumer.age", "s");

    /// <summary>Events parked or dead, by <c>group</c> and <c>outcome</c>.</summary>
    internal static readonly Counter<long> Poisoned = Meter.CreateCounter<long>("platform.consumer.poisoned", "{event}");

    /// <summary>Items taken by workers, by <c>service</c>.</summary>
    internal static readonly Counter<long> WorkClaimed = Meter.CreateCounter<long>("platform.work.claimed", "{item}");

    /// <summary>From when an item was due to when it was taken, by <c>service</c> and <c>queue</c>.</summary>
    internal static readonly Histogram<double> WorkWait = Meter.CreateHistogram<double>("platform.work.wait", "s");

    /// <summary>Attempts whose outcome was written, by <c>service</c>, <c>queue</c> and <c>verdict</c>.</summary>
    internal static readonly Counter<long> WorkSettled = Meter.CreateCounter<long>("platform.work.settled", "{item}");

    /// <summary>Outcomes refused because their claim was lost, by <c>service</c>.</summary>
    internal static readonly Counter<long> WorkRefused = Meter.CreateCounter<long>("platform.work.refused", "{item}");
}
