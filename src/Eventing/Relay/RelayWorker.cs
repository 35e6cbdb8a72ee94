using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Relay;

/// <summary>
/// Keeps the relay of one schema running: leads when it can, otherwise passes wake-ups on to the leader. A commit in this
/// process wakes it at once; polling is the guarantee.
/// </summary>
internal sealed partial class RelayWorker(
    ServiceDatabase database, IEventStream stream, DataSources sources, Notifier notifier, EventingOptions options,
    TimeProvider clock, ILogger<RelayWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connectionString = DataSources.Dedicated(sources.ConnectionStringFor(database.Schema));
        var channel = "platform_outbox_" + database.Schema;
        using var subscription = notifier.Subscribe(sources.ConnectionStringFor(database.Schema), channel, _ => database.OutboxWritten.Set());
        while (!stoppingToken.IsCancellationRequested)
        {
            await using var relay = new OutboxRelay(database, stream, connectionString, options.Instance);
            try
            {
                await FollowAsync(relay, channel, stoppingToken);
                LogLeading(database.Schema);
                await LeadAsync(relay, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(database.Schema, e);
                await Task.Delay(options.RetryDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(OutboxRelay relay, string channel, CancellationToken cancellationToken)
    {
        var wait = options.ElectionRetry;
        while (!await relay.TryLeadAsync(cancellationToken))
        {
            if (await database.OutboxWritten.WaitAsync(wait, cancellationToken))
            {
                await notifier.NotifyAsync(sources.ConnectionStringFor(database.Schema), channel, "", cancellationToken);
            }
        }
    }

    private async Task LeadAsync(OutboxRelay relay, CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = clock.GetTimestamp();
            var published = await relay.RunOnceAsync(options.RelayBatch, cancellationToken);
            if (published == 0)
            {
                await database.OutboxWritten.WaitAsync(options.RelayPoll, cancellationToken);
            }
            else if (published < options.RelayBatch && options.RelayLinger - clock.GetElapsedTime(started) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Information, "Relay of {Service} leads")]
    private partial void LogLeading(string service);

    [LoggerMessage(1102, LogLevel.Warning, "Relay of {Service} failed and starts over")]
    private partial void LogFailed(string service, Exception exception);
}
