using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Hosting;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Status;

/// <summary>
/// Looks at the event path now and then, for the metrics and for health: a scrape costs no query. Every instance of a service reports the
/// same numbers, which are the service's: take the maximum, not the sum.
/// </summary>
internal sealed partial class StreamStatusWorker : PeriodicWorker
{
    private readonly StreamStatus _status;
    private readonly StreamHealth _health;
    private readonly ILogger _logger;
    private readonly Meter _meter = new(EventingTelemetry.Name + ".Status");
    private IReadOnlyList<ServiceStatus> _seen = [];

    public StreamStatusWorker(StreamStatus status, StreamHealth health, EventingOptions options, TimeProvider clock, ILogger<StreamStatusWorker> logger)
        : base(options.StatusInterval, clock)
    {
        _status = status;
        _health = health;
        _logger = logger;
        _meter.CreateObservableGauge("platform.outbox.events", () => Services(s => s.Outbox?.Events), "{event}", "Committed and not yet published");
        _meter.CreateObservableGauge("platform.outbox.age", () => Services(s => s.Outbox is { } o ? o.OldestAgeSeconds ?? 0 : null), "s", "Age of the oldest unpublished event");
        _meter.CreateObservableGauge("platform.consumer.lag", () => Topics(p => p.Any(x => x.Lag is null) ? null : (double?)p.Sum(x => x.Lag)), "{event}", "Not yet read");
        _meter.CreateObservableGauge(
            "platform.consumer.lag_time", () => Topics(p => p.All(x => x.Lag == 0) ? 0 : p.Max(x => x.LagSeconds)), "s", "Age of the oldest unread event");
        _meter.CreateObservableGauge("platform.parked.keys", () => Groups(g => g.ParkedKeys), "{key}", "Keys that wait behind an event that fails");
        _meter.CreateObservableGauge("platform.dead.events", () => Groups(g => g.Dead), "{event}", "Events that were given up");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var seen = await _status.ReadAsync(service: null, group: null, blocking: false, cancellationToken);
        Volatile.Write(ref _seen, seen);
        _health.Judge(seen);
    }

    private IEnumerable<Measurement<double>> Services(Func<ServiceStatus, double?> value) =>
        from s in Volatile.Read(ref _seen)
        let measured = value(s)
        where measured is not null
        select new Measurement<double>(measured.Value, new KeyValuePair<string, object?>("service", s.Service));

    private IEnumerable<Measurement<double>> Groups(Func<GroupStatus, double> value) =>
        from s in Volatile.Read(ref _seen)
        from g in s.Groups
        select new Measurement<double>(value(g), new("service", s.Service), new("group", g.Group));

    /// <summary>What an engine cannot tell is not measured.</summary>
    private IEnumerable<Measurement<double>> Topics(Func<IEnumerable<PartitionStatus>, double?> value) =>
        from s in Volatile.Read(ref _seen)
        from g in s.Groups
        from t in g.Partitions.GroupBy(p => p.Topic, StringComparer.Ordinal)
        let measured = value(t)
        where measured is not null
        select new Measurement<double>(measured.Value, new("service", s.Service), new("group", g.Group), new("topic", t.Key));

    [LoggerMessage(1401, LogLevel.Warning, "The state of the event path could not be read; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
