using System.Collections.Concurrent;

namespace Platform.Eventing.Consumers;

/// <summary>Which groups of this process have read to the head at least once; readiness can wait for one.</summary>
public sealed class ConsumerProgress
{
    private readonly ConcurrentDictionary<string, bool> _caughtUp = new(StringComparer.Ordinal);

    internal void CaughtUp(string group) => _caughtUp.TryAdd(group, true);

    /// <summary>True once the group owned partitions here and had nothing left to read.</summary>
    public bool HasCaughtUp(string group) => _caughtUp.ContainsKey(group);
}
