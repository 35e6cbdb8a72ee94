using Microsoft.Extensions.Logging;
using Platform.Eventing.Hosting;

namespace Platform.Eventing.Database;

/// <summary>Looks once a second how far the read replicas are behind.</summary>
internal sealed partial class ReplicaWatch(IEnumerable<ServiceDatabase> databases, TimeProvider clock, ILogger<ReplicaWatch> logger)
    : PeriodicWorker(TimeSpan.FromSeconds(1), clock)
{
    protected override bool RunsAtStart => true;

    public override Task RunOnceAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(databases.Select(d => d.Replica).OfType<ReadReplica>().Select(r => r.LookAsync(cancellationToken)));

    [LoggerMessage(1023, LogLevel.Warning, "Looking after the read replicas failed; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
