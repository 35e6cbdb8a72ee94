namespace Platform.Notifications.Retention;

/// <summary>Keeps the days going, hourly, on every instance.</summary>
internal sealed partial class DeliveryDaysWorker(DeliveryDays days, TimeProvider clock, ILogger<DeliveryDaysWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryRunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task TryRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await days.RunAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(5011, LogLevel.Error, "Making and dropping the days of deliveries failed; it is tried again at the next turn")]
    private partial void LogFailed(Exception exception);
}
