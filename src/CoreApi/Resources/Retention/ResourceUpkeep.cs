namespace Platform.CoreApi.Resources;

/// <summary>
/// What resources need in the background: counts are folded every second, deleted resources purged every few minutes, counts held against
/// the truth ten minutes after the start and then daily. On every instance; each step is safe beside another instance's.
/// </summary>
internal sealed partial class ResourceUpkeep(ResourceCounts counts, PurgeDeleted purge, TimeProvider clock, ILogger<ResourceUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan FoldEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstRecount = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RecountEvery = TimeSpan.FromDays(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(FoldEvery, FoldEvery, "folding counts", counts.FoldAsync, stoppingToken),
        RepeatAsync(PurgeEvery, PurgeEvery, "purging deleted resources", PurgeAsync, stoppingToken),
        RepeatAsync(FirstRecount, RecountEvery, "recounting", RecountAsync, stoppingToken));

    private async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var purged = await purge.RunOnceAsync(cancellationToken);
        if (purged > 0)
        {
            LogPurged(purged);
        }

        return purged;
    }

    private async Task<int> RecountAsync(CancellationToken cancellationToken)
    {
        var wrong = await counts.RecountAsync(cancellationToken);
        if (wrong > 0)
        {
            LogMended(wrong);
        }

        return wrong;
    }

    private async Task RepeatAsync(TimeSpan first, TimeSpan every, string what, Func<CancellationToken, Task<int>> run, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(first, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                timer.Period = every;
                await TryAsync(what, run, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task TryAsync(string what, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(what, e);
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "Resources: {What} failed; it is tried again at the next turn")]
    private partial void LogFailed(string what, Exception exception);

    [LoggerMessage(6002, LogLevel.Information, "{Number} deleted resources were purged: their retention is over")]
    private partial void LogPurged(int number);

    [LoggerMessage(6003, LogLevel.Information, "{Number} counts of resources were wrong and are mended: something wrote resources that does not count them")]
    private partial void LogMended(int number);
}
