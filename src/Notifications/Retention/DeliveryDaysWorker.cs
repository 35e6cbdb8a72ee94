using Platform.Eventing.Hosting;

namespace Platform.Notifications.Retention;

/// <summary>Keeps the days going, hourly, on every instance.</summary>
internal sealed partial class DeliveryDaysWorker(DeliveryDays days, TimeProvider clock, ILogger<DeliveryDaysWorker> logger)
    : PeriodicWorker(TimeSpan.FromHours(1), clock)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) => days.RunAsync(cancellationToken);

    [LoggerMessage(5011, LogLevel.Error, "Making and dropping the days of deliveries failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);
}
