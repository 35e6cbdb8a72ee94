using Platform.Eventing.Database;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Notifications.Retention;

/// <summary>
/// Day partitions of messages, deliveries and attempts. All three lie in the day of their event, so dropping a day forgets whole
/// deliveries and never half of one, and costs the same whatever the day held.
/// </summary>
internal sealed class DeliveryDays(NotificationsDatabase database, WebhookOptions options) : IStartupTask
{
    private const int DaysAhead = 3;
    private static readonly string[] Tables = ["message", "delivery", "attempt"];

    /// <summary>Makes the days to come and drops expired ones; whoever comes second finds it done.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await DayPartitions.MaintainAsync(database.System, database.Schema, Tables, DaysAhead, options.Retention, DayPartitions.FirstIdOf, cancellationToken);
        await using var forget = database.System.CreateCommand("DELETE FROM notifications.replay WHERE finished_at < now() - $1");
        forget.Parameters.Add(new() { Value = options.Retention });
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }
}
