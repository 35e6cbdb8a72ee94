using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>Keeps the engine running and passes word between processes: when there is more than this one can take, others are woken.</summary>
internal sealed partial class WorkWorker<TWork, TResult>(
    WorkEngine<TWork, TResult> engine, ServiceDatabase database, AsyncSignal wake, Notifier notifier, TimeProvider clock,
    ILogger<WorkWorker<TWork, TResult>> logger) : BackgroundService
{
    private static readonly TimeSpan CallInterval = TimeSpan.FromMilliseconds(200);
    private long _called;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var channel = "platform_work_" + database.Schema;
        var self = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        using var subscription = notifier.Subscribe(database.ConnectionString, channel, sender =>
        {
            if (!string.Equals(sender, self, StringComparison.Ordinal))
            {
                wake.Set();
            }
        });
        engine.Overflowed += () =>
        {
            if (clock.GetElapsedTime(_called) >= CallInterval)
            {
                _called = clock.GetTimestamp();
                _ = CallAsync(channel, self, stoppingToken);
            }
        };
        await engine.RunAsync(stoppingToken);
    }

    private async Task CallAsync(string channel, string self, CancellationToken cancellationToken)
    {
        try
        {
            await notifier.NotifyAsync(database.ConnectionString, channel, self, cancellationToken);
        }
        catch (Exception e)
        {
            // The others poll.
            LogCallFailed(database.Schema, e.Message);
        }
    }

    [LoggerMessage(1411, LogLevel.Debug, "Waking other workers of {Service} failed: {Reason}")]
    private partial void LogCallFailed(string service, string reason);
}
