using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Database;
using Platform.Eventing.Hosting;
using Platform.Eventing.Status;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.WorkQueues;

/// <summary>
/// Looks at a service's work table now and then, for metrics (autoscaling among them) and for health: a scrape costs no query. Every instance
/// reports the same numbers, which are the service's: take the maximum, not the sum.
/// </summary>
internal sealed partial class WorkStatusWorker : PeriodicWorker
{
    private readonly ServiceDatabase _database;
    private readonly WorkQueueOptions _options;
    private readonly StreamHealth _health;
    private readonly WorkStatusQuery _query;
    private readonly ILogger _logger;
    private readonly Meter _meter = new(EventingTelemetry.Name + ".Work");
    private readonly KeyValuePair<string, object?> _service;
    private WorkSeen? _seen;

    public WorkStatusWorker(
        ServiceDatabase database, DataSources sources, WorkQueueOptions options, StreamHealth health, TimeProvider clock, ILogger<WorkStatusWorker> logger)
        : base(options.StatusInterval, clock)
    {
        _database = database;
        _options = options;
        _health = health;
        _logger = logger;
        _query = new(database.Schema, sources.Get(SessionSettings.Add(database.ConnectionString, WorkClaims.Settings), AccessScope.System));
        _service = new("service", database.Schema);
        _meter.CreateObservableGauge("platform.work.depth", () => Queues(q => q.Depth), "{item}", "Ready and not yet taken; an estimate above 10,000");
        _meter.CreateObservableGauge("platform.work.oldest_age", () => Queues(q => q.OldestSeconds), "s", "For how long the oldest ready item has been due");
        _meter.CreateObservableGauge("platform.work.running", () => Queues(q => q.Running), "{item}", "In workers' hands");
        _meter.CreateObservableGauge("platform.work.dead_rows", () => Table(s => s.DeadRows), "{row}", "Of the work table, gone and not yet vacuumed");
        _meter.CreateObservableGauge("platform.work.snapshot_age", () => Table(s => s.SnapshotSeconds), "s", "Of the oldest transaction that keeps dead rows from being vacuumed");
    }

    protected override bool RunsAtStart => true;

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var seen = await _query.ReadAsync([.. _options.Queues.Select(q => q.Name)], cancellationToken);
        Volatile.Write(ref _seen, seen);
        _health.Note("work:" + _database.Schema, WhyDegraded(seen, _options));
    }

    /// <summary>Null when all is well.</summary>
    internal static string? WhyDegraded(WorkSeen seen, WorkQueueOptions options)
    {
        if (seen.DeadRows >= options.DegradedDeadRows)
        {
            return $"{seen.DeadRows} rows of its queue are gone and cannot be vacuumed yet"
                + (seen.SnapshotSeconds >= 1 ? $": a transaction has been open for {seen.SnapshotSeconds:F0} s" : "");
        }

        var unserved = seen.Queues.FirstOrDefault(q => q.Depth > 0 && options.Queues.All(o => o.Name != q.Queue));
        return unserved is null ? null : $"{unserved.Depth} items wait in the queue '{unserved.Queue}', which this instance does not serve";
    }

    protected override void LogFailed(Exception exception) => LogLookFailed(_database.Schema, exception);

    private IEnumerable<Measurement<double>> Queues(Func<QueueSeen, double> value) =>
        Volatile.Read(ref _seen) is { } seen ? seen.Queues.Select(q => new Measurement<double>(value(q), _service, new("queue", q.Queue))) : [];

    private IEnumerable<Measurement<double>> Table(Func<WorkSeen, double> value) =>
        Volatile.Read(ref _seen) is { } seen ? [new(value(seen), _service)] : [];

    [LoggerMessage(1421, LogLevel.Warning, "Looking at the queue of {Service} failed; it is tried again")]
    private partial void LogLookFailed(string service, Exception exception);
}
