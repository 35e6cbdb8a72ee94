using System.Collections.Concurrent;

namespace Platform.CoreApi.Caching;

/// <summary>
/// What is held of one tenant, and the looks at the database that are under way for it. Two generations of half the limit each: when the
/// young one is full it becomes the old one, and the old one is dropped whole; what is read again moves to the young one. A read that
/// finds takes no lock.
/// </summary>
/// <param name="limit">Bytes that this tenant may hold.</param>
/// <param name="resized">Told by how many bytes the shelf grew or shrank.</param>
internal sealed class ResourceShelf(long limit, Action<long> resized)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _fences = [];
    private readonly Dictionary<Guid, ResourceLoad> _loads = [];
    private volatile Generation? _young;
    private volatile Generation? _old;
    private long _cleared;

    /// <summary>True since somebody read from it; taken back by who sweeps.</summary>
    public bool IsTouched { get; set; }

    public CachedResource? Find(Guid id)
    {
        if (_young?.Entries.TryGetValue(id, out var found) == true)
        {
            IsTouched = true;
            return found;
        }

        return _old?.Entries.ContainsKey(id) == true ? Promote(id) : null;
    }

    /// <summary>
    /// Looks for what is not held. All who ask at once share a look, of which at most one runs and one waits for a resource: nobody gets
    /// an answer of a look that began before a write that was acknowledged before they asked.
    /// </summary>
    /// <param name="mayHold">False where other processes write too: the answer is not kept, and nobody joins a look that already runs.</param>
    /// <param name="read">Reads the current version; null: there is none.</param>
    public Task<CachedResource?> LoadAsync(Guid id, Func<bool> mayHold, Func<Task<CachedResource?>> read)
    {
        lock (_gate)
        {
            if (!_loads.TryGetValue(id, out var running))
            {
                return Start(id, new(), mayHold, read);
            }

            if (running.IsClean && mayHold())
            {
                return running.Answer.Task;
            }

            running.Next ??= new();
            running.Read ??= (mayHold, read);
            return running.Next.Answer.Task;
        }
    }

    /// <summary>A write of these begins: what is held of them is let go, and nothing is held until it ends.</summary>
    public void Fence(IReadOnlyCollection<Guid> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
            {
                _fences[id] = _fences.GetValueOrDefault(id) + 1;
                Forget(id);
            }
        }
    }

    /// <summary>The write has ended, however it ended.</summary>
    public void Release(IReadOnlyCollection<Guid> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (--_fences[id] == 0)
                {
                    _fences.Remove(id);
                }

                Spoil(id);
            }
        }
    }

    /// <summary>An event says that there is this version: an older one is let go.</summary>
    public void Heard(Guid id, long version)
    {
        lock (_gate)
        {
            Spoil(id);
            if (Find(id) is { } held && held.Version < version)
            {
                Forget(id);
            }
        }
    }

    /// <summary>Lets everything go.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _cleared++;
            Drop(_young);
            Drop(_old);
            (_young, _old) = (null, null);
            foreach (var id in _loads.Keys)
            {
                Spoil(id);
            }
        }
    }

    /// <summary>Lets the older half go.</summary>
    public void DropOld()
    {
        lock (_gate)
        {
            Drop(_old);
            _old = null;
        }
    }

    private Task<CachedResource?> Start(Guid id, ResourceLoad load, Func<bool> mayHold, Func<Task<CachedResource?>> read)
    {
        load.IsClean = mayHold() && !_fences.ContainsKey(id);
        _loads[id] = load;
        _ = RunAsync(id, load, mayHold, read);
        return load.Answer.Task;
    }

    private async Task RunAsync(Guid id, ResourceLoad load, Func<bool> mayHold, Func<Task<CachedResource?>> read)
    {
        var cleared = Volatile.Read(ref _cleared);
        CachedResource? found = null;
        Exception? failure = null;
        try
        {
            found = await read();
        }
        catch (Exception e)
        {
            failure = e;
        }

        lock (_gate)
        {
            if (found is not null && load.IsClean && mayHold() && cleared == _cleared)
            {
                Hold(id, found);
            }

            if (load is { Next: { } next, Read: { } again })
            {
                _ = Start(id, next, again.MayHold, again.Read);
            }
            else
            {
                _loads.Remove(id);
            }
        }

        if (failure is null)
        {
            load.Answer.SetResult(found);
        }
        else
        {
            // Each who asked answers for itself.
            load.Answer.SetException(failure);
            _ = load.Answer.Task.Exception;
        }
    }

    private CachedResource? Promote(Guid id)
    {
        lock (_gate)
        {
            IsTouched = true;
            if (_young?.Entries.TryGetValue(id, out var found) == true)
            {
                return found;
            }

            if (_old?.Take(id) is not { } entry)
            {
                return null;
            }

            resized(-entry.Size);
            Hold(id, entry);
            return entry;
        }
    }

    private void Hold(Guid id, CachedResource entry)
    {
        if (entry.Size > limit / 4)
        {
            return;
        }

        Forget(id, spoil: false);
        var young = _young ??= new();
        young.Entries[id] = entry;
        young.Bytes += entry.Size;
        resized(entry.Size);
        if (young.Bytes >= limit / 2)
        {
            Drop(_old);
            (_old, _young) = (young, null);
        }
    }

    private void Forget(Guid id, bool spoil = true)
    {
        resized(-((_young?.Take(id)?.Size ?? 0) + (_old?.Take(id)?.Size ?? 0)));
        if (spoil)
        {
            Spoil(id);
        }
    }

    /// <summary>What a look under way finds may be over by now.</summary>
    private void Spoil(Guid id)
    {
        if (_loads.TryGetValue(id, out var load))
        {
            load.IsClean = false;
        }
    }

    private void Drop(Generation? generation) => resized(-(generation?.Bytes ?? 0));

    private sealed class Generation
    {
        public ConcurrentDictionary<Guid, CachedResource> Entries { get; } = new();
        public long Bytes { get; set; }

        public CachedResource? Take(Guid id)
        {
            if (!Entries.TryRemove(id, out var entry))
            {
                return null;
            }

            Bytes -= entry.Size;
            return entry;
        }
    }

    private sealed class ResourceLoad
    {
        public TaskCompletionSource<CachedResource?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>No write of it was under way since it began.</summary>
        public bool IsClean { get; set; }

        /// <summary>For those who asked after a write spoiled this one.</summary>
        public ResourceLoad? Next { get; set; }
        public (Func<bool> MayHold, Func<Task<CachedResource?>> Read)? Read { get; set; }
    }
}
