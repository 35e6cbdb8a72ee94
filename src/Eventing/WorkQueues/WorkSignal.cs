using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>Wakes the worker of a service in this process, after a commit that put work into its queue.</summary>
public sealed class WorkSignal<TDatabase>
    where TDatabase : ServiceDatabase
{
    internal AsyncSignal Signal { get; } = new();

    public void Set() => Signal.Set();
}
