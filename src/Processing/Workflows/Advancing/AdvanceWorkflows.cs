namespace Platform.Processing.Workflows.Advancing;

/// <summary>
/// Keeps workflows going: woken in this process when a job of one ended, by the clock for timers, and by its poll for everything else, such as what an
/// instance left behind that is no more.
/// </summary>
internal sealed partial class AdvanceWorkflows(DueWorkflows due, WorkflowSignal signal, ProcessingOptions options, ILogger<AdvanceWorkflows> logger) : BackgroundService
{
    /// <summary>Something is due that another instance has in hand.</summary>
    private static readonly TimeSpan WhenHeld = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (advanced, next) = await due.RunOnceAsync(stoppingToken);
                if (advanced == 0)
                {
                    var wait = next is { } until && until < options.WorkflowPoll ? until > WhenHeld ? until : WhenHeld : options.WorkflowPoll;
                    await signal.WaitAsync(wait, stoppingToken);
                }
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

    [LoggerMessage(3012, LogLevel.Warning, "Advancing workflows failed; it is tried again")]
    private partial void LogFailed(Exception exception);
}
