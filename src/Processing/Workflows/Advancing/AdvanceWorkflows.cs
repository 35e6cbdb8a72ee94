namespace Platform.Processing.Workflows.Advancing;

/// <summary>
/// Keeps workflows going: woken in this process when a job of one ended, by the clock for timers, and by its poll for everything else, such as what an
/// instance left behind that is no more.
/// </summary>
internal sealed partial class AdvanceWorkflows(DueWorkflows due, WorkflowSignal signal, ProcessingOptions options, ILogger<AdvanceWorkflows> logger) : BackgroundService
{
    /// <summary>Something is due that another instance has in hand: it takes milliseconds, or something is wrong and it takes longer.</summary>
    private static readonly TimeSpan WhenHeld = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var held = WhenHeld;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (advanced, next) = await due.RunOnceAsync(stoppingToken);
                if (advanced > 0)
                {
                    held = WhenHeld;
                    continue;
                }

                var wait = next ?? options.WorkflowPoll;
                (wait, held) = wait > TimeSpan.Zero ? (wait, WhenHeld) : (held, Shorter(held * 2, options.WorkflowPoll));
                await signal.WaitAsync(Shorter(wait, options.WorkflowPoll), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away, or this is a bug: neither may end the worker.
                LogFailed(e);
                await signal.WaitAsync(options.WorkflowPoll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(3012, LogLevel.Warning, "Advancing workflows failed; it is tried again")]
    private partial void LogFailed(Exception exception);
}
