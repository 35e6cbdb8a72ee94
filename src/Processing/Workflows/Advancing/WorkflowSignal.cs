using Platform.Eventing.Database;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Wakes the advancer of this process, after a commit that gave it something to look at.</summary>
internal sealed class WorkflowSignal
{
    private readonly AsyncSignal _signal = new();
    private int _expected;

    public void Set() => _signal.Set();

    public Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _signal.WaitAsync(timeout, cancellationToken);

    /// <summary>Something was written; its commit follows.</summary>
    public void Expect() => Volatile.Write(ref _expected, 1);

    /// <summary>After a commit that may have been of something else: most jobs are of no workflow.</summary>
    public void SetIfExpected()
    {
        if (Interlocked.Exchange(ref _expected, 0) == 1)
        {
            _signal.Set();
        }
    }
}
