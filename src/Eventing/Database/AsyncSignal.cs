namespace Platform.Eventing.Database;

/// <summary>Wakes one waiter; signals that come while nobody waits collapse into one. A hint, never the only guarantee: waiters also poll.</summary>
public sealed class AsyncSignal
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    public void Set()
    {
        if (_semaphore.CurrentCount > 0)
        {
            return;
        }

        try
        {
            _semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread was first: the waiter is woken either way.
        }
    }

    /// <summary>Waits for a signal; false when <paramref name="timeout"/> passed first.</summary>
    public Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _semaphore.WaitAsync(timeout, cancellationToken);
}
