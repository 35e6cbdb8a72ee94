using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>When a failed delivery is tried again.</summary>
internal sealed class RetrySchedule(WebhookOptions options)
{
    /// <summary>The pause before the next attempt; null when this was the last.</summary>
    /// <param name="attempt">The one that failed, 1 for the first.</param>
    /// <param name="random">0 to 1.</param>
    public TimeSpan? After(int attempt, AttemptResult result, double random)
    {
        if (result.Error == AttemptError.Gone || attempt > options.RetrySchedule.Count)
        {
            return null;
        }

        return result.RetryAfter ?? options.RetrySchedule[attempt - 1] * (1 + (options.Jitter * ((2 * random) - 1)));
    }
}
