using Microsoft.Extensions.Logging;
using Platform.Eventing.Hosting;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Database;

/// <summary>Makes tomorrow's partitions and drops expired ones, hourly, on every instance: whoever comes second finds it done.</summary>
internal sealed partial class PartitionMaintenance(
    DatabaseStartup startup, IEventStream stream, PreviousStream previous, EventingOptions options, TimeProvider clock, ILogger<PartitionMaintenance> logger)
    : PeriodicWorker(options.Maintenance, clock)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await TryAsync(startup.MaintainInboxesAsync, cancellationToken);
        await TryAsync(stream.MaintainAsync, cancellationToken);
        await TryAsync(MaintainPreviousAsync, cancellationToken);
    }

    private async Task MaintainPreviousAsync(CancellationToken cancellationToken)
    {
        if (previous.Stream is { } other && await previous.ExistsAsync(cancellationToken))
        {
            await other.MaintainAsync(cancellationToken);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> maintain, CancellationToken cancellationToken)
    {
        try
        {
            await maintain(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(1011, LogLevel.Error, "Partition maintenance failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);
}
