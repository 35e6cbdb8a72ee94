using Platform.Eventing.Database;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Wakes the advancer of this process, after a commit that gave it something to look at.</summary>
internal sealed class WorkflowSignal(TimeProvider clock)
{
    /// <summary>Longer than a transaction that ends jobs takes.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private readonly AsyncSignal _signal = new();
    private long _written;
    private volatile bool _hasWritten;

    public void Set() => _signal.Set();

    public Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _signal.WaitAsync(timeout, cancellationToken);

    /// <summary>Something was added to a transaction; its commit follows.</summary>
    public void Written()
    {
        Volatile.Write(ref _written, clock.GetTimestamp());
        _hasWritten = true;
    }

    /// <summary>After a commit that may have been of something else: most jobs are of no workflow, and those wake nobody.</summary>
    public void Committed()
    {
        if (_hasWritten && clock.GetElapsedTime(Volatile.Read(ref _written)) < Soon)
        {
            _signal.Set();
        }
    }
}
