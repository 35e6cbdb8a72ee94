using Platform.CoreApi.Files.Removal;

namespace Platform.CoreApi.Files.Uploads;

/// <summary>While it lives, an upload's object is not due for removal, however slow the upload.</summary>
internal sealed partial class UploadLease : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;
    private readonly ILogger _logger;

    public UploadLease(ObjectRemovals removals, Guid key, TimeSpan grace, TimeProvider clock, ILogger logger)
    {
        _logger = logger;
        _renewing = RenewAsync(removals, key, grace / 4, clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _renewing;
        _end.Dispose();
    }

    private async Task RenewAsync(ObjectRemovals removals, Guid key, TimeSpan every, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                await TryRenewAsync(removals, key);
            }
        }
        catch (OperationCanceledException)
        {
            // The upload has ended.
        }
    }

    private async Task TryRenewAsync(ObjectRemovals removals, Guid key)
    {
        try
        {
            await removals.RenewAsync(key, _end.Token);
        }
        catch (Exception e) when (!_end.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(4521, LogLevel.Warning, "An upload could not be marked as running; it is tried again")]
    private partial void LogFailed(Exception exception);
}
