using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Database;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>Removes answers older than 24 hours, in small bites, so that no clean-up ever holds a long transaction.</summary>
internal sealed partial class IdempotencyCleanup(IEnumerable<ServiceDatabase> databases, TimeProvider clock, ILogger<IdempotencyCleanup> logger)
    : BackgroundService
{
    private const int Bite = 5000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Removes what has expired. Returns how many.</summary>
    internal static async Task<int> RunOnceAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            await using var command = database.System.CreateCommand($"""
                DELETE FROM {database.Schema}.idempotency WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM {database.Schema}.idempotency WHERE created_at < now() - interval '24 hours' LIMIT {Bite}))
                """);
            var removed = await command.ExecuteNonQueryAsync(cancellationToken);
            total += removed;
            if (removed < Bite)
            {
                return total;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var database in databases)
                {
                    await TryRunAsync(database, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task TryRunAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            await RunOnceAsync(database, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(database.Schema, e);
        }
    }

    [LoggerMessage(2101, LogLevel.Warning, "Removing expired idempotency records of {Service} failed; it is tried again")]
    private partial void LogFailed(string service, Exception exception);
}
