using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Consumers;

/// <summary>
/// Keeps one consumer group's loop running; a failure starts it over after a pause. What is left on the engine that was used before is
/// finished first.
/// </summary>
internal sealed partial class ConsumerWorker(
    ConsumerGroup group, IEventHandler handler, IEventStream stream, PreviousStream previous, EventingOptions options, TimeProvider clock,
    ConsumerProgress progress, ILogger<ConsumerWorker> logger) : BackgroundService
{
    private readonly StreamEras _eras = new(group, stream, previous);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first look at the database must not delay the host's start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _eras.BeginAsync(stoppingToken);
                while (await _eras.FindUnfinishedAsync(stoppingToken) is { } era)
                {
                    LogFinishing(group.Name, era.Engine, stream.Engine);
                    await RunAsync(_eras.StreamOf(era), era, stoppingToken);
                }

                await RunAsync(stream, unfinished: null, stoppingToken);
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

    /// <summary>
    /// Runs the loop on one engine: to the end of an unfinished era, or on the current one as long as there is no such era (an instance that was
    /// late to move may have appended to the engine left behind).
    /// </summary>
    private async Task RunAsync(IEventStream engine, StreamEra? unfinished, CancellationToken cancellationToken)
    {
        await using var loop = new ConsumerLoop(group, handler, engine, unfinished?.Until, options, clock, logger);
        var looked = clock.GetTimestamp();
        while (true)
        {
            var read = await TurnAsync(loop, cancellationToken);
            if (read == 0 && loop.Owned.Count > 0 && unfinished is null)
            {
                progress.CaughtUp(group.Name);
            }

            if (previous.Stream is not null && clock.GetElapsedTime(looked) >= (unfinished is null ? options.RemainderCheck : options.Rebalance))
            {
                looked = clock.GetTimestamp();
                if ((await _eras.FindUnfinishedAsync(cancellationToken))?.Number != unfinished?.Number)
                {
                    return;
                }
            }
        }
    }

    /// <summary>One turn; -1 when it failed. The membership is kept then, so that a failing database does not set the whole group in motion.</summary>
    private async Task<int> TurnAsync(ConsumerLoop loop, CancellationToken cancellationToken)
    {
        try
        {
            return await loop.RunOnceAsync(cancellationToken);
        }
        catch (PartitionsLostException e)
        {
            LogLost(e.Message);
            loop.Reset();

            // Long enough for both sides to look at the members again before either claims back.
            await Task.Delay(options.InPlaceDelay * (1 + Random.Shared.NextDouble()), clock, cancellationToken);
        }
        catch (Exception e) when (e is not StreamConsumerException && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(group.Name, e);
            loop.Reset();
            await Task.Delay(options.RetryDelay, clock, cancellationToken);
        }

        return -1;
    }

    [LoggerMessage(1211, LogLevel.Information, "{Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(1212, LogLevel.Warning, "Group {Group} failed and starts over")]
    private partial void LogFailed(string group, Exception exception);

    [LoggerMessage(1213, LogLevel.Information, "Group {Group} finishes what is left on {Previous} before it goes on with {Current}")]
    private partial void LogFinishing(string group, string previous, string current);
}
