namespace Platform.Notifications.Deliveries;

internal sealed partial class DeliverWebhooks
{
    [LoggerMessage(5001, LogLevel.Debug, "Delivery {Delivery} to {Endpoint}: attempt {Attempt} failed ({Error}), the next in {Delay}")]
    private partial void LogRetry(Guid delivery, Guid endpoint, int attempt, string error, TimeSpan delay);

    [LoggerMessage(5002, LogLevel.Information, "Delivery {Delivery} to {Endpoint} failed for good after attempt {Attempt} ({Error})")]
    private partial void LogFailed(Guid delivery, Guid endpoint, int attempt, string error);
}
