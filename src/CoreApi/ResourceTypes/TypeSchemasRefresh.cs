namespace Platform.CoreApi.ResourceTypes;

/// <summary>Looks for changed schemas, so that writes need not.</summary>
internal sealed partial class TypeSchemasRefresh(TypeSchemas schemas, TimeProvider clock, ILogger<TypeSchemasRefresh> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryLookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await schemas.LookAsync(always: true, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(6011, LogLevel.Warning, "Looking for changed schemas failed; writes look themselves until it succeeds")]
    private partial void LogFailed(Exception exception);
}
