using Microsoft.Extensions.Hosting;

namespace Platform.Eventing.Hosting;

/// <summary>
/// Work that comes round: sweeping, retention, reports. One turn after the other, never two at once in a process; a turn that fails is logged and the
/// next one comes all the same. Several instances take turns without knowing of each other: a turn must be safe beside another one's.
/// </summary>
/// <param name="every">Time between two turns; a turn that takes longer is followed by the next at once. More than zero.</param>
/// <param name="clock">What the time is measured by.</param>
public abstract class PeriodicWorker(TimeSpan every, TimeProvider clock) : BackgroundService
{
    /// <summary>What the time is measured by: a worker that asks for the time asks here.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>True for a first turn as soon as the process runs; else the first comes after one period.</summary>
    protected virtual bool RunsAtStart => false;

    /// <summary>One turn. What it throws is logged by <see cref="LogFailed"/>, and the next turn tries again.</summary>
    /// <param name="cancellationToken">The process stops: leave what is left to the next one.</param>
    public abstract Task RunOnceAsync(CancellationToken cancellationToken);

    /// <summary>One line for a turn that failed: a <c>[LoggerMessage]</c> of the worker's own.</summary>
    protected abstract void LogFailed(Exception exception);

    /// <summary>One turn that only ends in an exception where the process stops.</summary>
    protected async Task TryRunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunOnceAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, Clock);
        try
        {
            if (RunsAtStart)
            {
                await TryRunOnceAsync(stoppingToken);
            }

            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryRunOnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
