using System.Collections.Concurrent;

namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>
/// What look-ups found, bounded: two generations of half the size each. When the young one is full it becomes the old one and the
/// old one is dropped whole. Reading takes no lock and moves nothing.
/// </summary>
internal sealed class KeyCache(int capacity)
{
    private readonly Lock _turning = new();
    private volatile Generations _generations = new(new(), new());

    public bool TryGet(Guid id, out CachedKey entry)
    {
        var generations = _generations;
        return generations.Young.Entries.TryGetValue(id, out entry!) || generations.Old.Entries.TryGetValue(id, out entry!);
    }

    public void Set(Guid id, CachedKey entry)
    {
        var young = _generations.Young;
        if (young.Entries.TryAdd(id, entry))
        {
            if (Interlocked.Increment(ref young.Count) >= capacity / 2)
            {
                Turn(young);
            }
        }
        else
        {
            young.Entries[id] = entry;
        }
    }

    public void Remove(Guid id)
    {
        var generations = _generations;
        generations.Young.Remove(id);
        generations.Old.Remove(id);
    }

    internal int Count => _generations.Young.Entries.Count + _generations.Old.Entries.Count;

    private void Turn(Generation full)
    {
        lock (_turning)
        {
            if (ReferenceEquals(_generations.Young, full))
            {
                _generations = new(new(), full);
            }
        }
    }

    private sealed record Generations(Generation Young, Generation Old);

    private sealed class Generation
    {
        public int Count;

        public ConcurrentDictionary<Guid, CachedKey> Entries { get; } = new();

        public void Remove(Guid id)
        {
            if (Entries.TryRemove(id, out _))
            {
                Interlocked.Decrement(ref Count);
            }
        }
    }
}

/// <summary>What a look-up found, and when it asked.</summary>
/// <param name="Key">Null: there is no such key.</param>
/// <param name="AskedAt">Timestamp taken before the look-up, so that its age is never understated.</param>
internal sealed record CachedKey(KnownKey? Key, long AskedAt)
{
    private int _refreshing;

    /// <summary>True for the one caller that may look the key up again before this entry is too old.</summary>
    public bool TryClaimRefresh() => _refreshing == 0 && Interlocked.Exchange(ref _refreshing, 1) == 0;
}
