using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Consumers;

/// <summary>Keeps one consumer group's loop running; a failure starts it over after a pause.</summary>
internal sealed partial class ConsumerWorker(
    ConsumerGroup group, IEventHandler handler, IEventStream stream, EventingOptions options, TimeProvider clock,
    ConsumerProgress progress, ILogger<ConsumerWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first look at the database must not delay the host's start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var loop = new ConsumerLoop(group, handler, stream, options, clock, logger);
                while (!stoppingToken.IsCancellationRequested)
                {
                    await RunAsync(loop, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(group.Name, e);
                await Task.Delay(options.RetryDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until something fails. The membership is kept, so that a failing database does not set the whole group in motion.</summary>
    private async Task RunAsync(ConsumerLoop loop, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await loop.RunOnceAsync(cancellationToken);
                if (read == 0 && loop.Owned.Count > 0)
                {
                    progress.CaughtUp(group.Name);
                }
            }
        }
        catch (PartitionsLostException e)
        {
            LogLost(e.Message);
            loop.Reset();

            // Long enough for both sides to look at the members again before either claims back.
            await Task.Delay(options.InPlaceDelay * (1 + Random.Shared.NextDouble()), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is not StreamConsumerException && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(group.Name, e);
            loop.Reset();
            await Task.Delay(options.RetryDelay, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1211, LogLevel.Information, "{Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(1212, LogLevel.Warning, "Group {Group} failed and starts over")]
    private partial void LogFailed(string group, Exception exception);
}
