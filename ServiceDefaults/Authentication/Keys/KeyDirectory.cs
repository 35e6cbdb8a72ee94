namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>
/// Finds keys by id: in memory for half a second, then in this service's copy. An answer in memory is dropped at once when this
/// process applies a change, and its half second bounds how long a revocation that another instance applied can go unnoticed.
/// </summary>
internal sealed class KeyDirectory
{
    /// <summary>How old an answer may be.</summary>
    internal static readonly TimeSpan GoodFor = TimeSpan.FromMilliseconds(500);

    /// <summary>From this age on, one request has it looked up again while the others still use it.</summary>
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a request with a key that was just made waits for it to arrive here.</summary>
    private static readonly TimeSpan ArrivalTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ArrivalPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>A key id tells when it was made; only a young one can still be on its way. The rest is for clocks that disagree.</summary>
    private static readonly TimeSpan YoungFor = TimeSpan.FromMinutes(1);
    private const int MaxWaiting = 64;

    private readonly TimeProvider _clock;
    private readonly KeyLoader _loader;
    private readonly KeyCache _known = new(10_000);
    private readonly KeyCache _unknown = new(2_000);
    private readonly long _goodFor;
    private readonly long _refreshAfter;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _changes;
    private int _waiting;

    public KeyDirectory(KeyStore store, TimeProvider clock)
        : this(store.FindAsync, clock)
    {
    }

    internal KeyDirectory(Func<Guid[], CancellationToken, Task<Dictionary<Guid, KnownKey>>> read, TimeProvider clock)
    {
        _clock = clock;
        _loader = new(read);
        _goodFor = (long)(GoodFor.TotalSeconds * clock.TimestampFrequency);
        _refreshAfter = (long)(RefreshAfter.TotalSeconds * clock.TimestampFrequency);
    }

    /// <summary>The key; null when there is none. Fails when neither memory nor the database can say.</summary>
    public ValueTask<KnownKey?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (_known.TryGet(id, out var entry) || _unknown.TryGet(id, out entry))
        {
            var age = _clock.GetTimestamp() - entry.AskedAt;
            if (age < _refreshAfter || (age < _goodFor && (entry.Key is null || !entry.TryClaimRefresh())))
            {
                return new(entry.Key);
            }

            if (age < _goodFor)
            {
                _ = RefreshAsync(id);
                return new(entry.Key);
            }
        }

        return new(LookUpAsync(id, cancellationToken));
    }

    /// <summary>The projection committed changes of these keys: what memory says of them is over.</summary>
    public void Forget(IReadOnlyCollection<Guid> ids)
    {
        // First the counter: a look-up that began before it changed takes back what it stores after the removal.
        Interlocked.Increment(ref _changes);
        foreach (var id in ids)
        {
            _known.Remove(id);
            _unknown.Remove(id);
        }

        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private async Task<KnownKey?> LookUpAsync(Guid id, CancellationToken cancellationToken) =>
        await LoadAsync(id, isFinal: !IsYoung(id), cancellationToken) ?? (IsYoung(id) ? await WaitForArrivalAsync(id, cancellationToken) : null);

    private async Task<KnownKey?> WaitForArrivalAsync(Guid id, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            var started = _clock.GetTimestamp();
            while (true)
            {
                // Taken before the look: a change between the look and the wait ends the wait at once.
                var changed = Volatile.Read(ref _changed).Task;
                var isLast = _clock.GetElapsedTime(started) >= ArrivalTimeout;
                var key = await LoadAsync(id, isLast, cancellationToken);
                if (key is not null || isLast)
                {
                    return key;
                }

                // The event may have gone to another instance, which writes to the same table: hence the poll.
                await Task.WhenAny(changed, Task.Delay(ArrivalPoll, _clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<KnownKey?> LoadAsync(Guid id, bool isFinal, CancellationToken cancellationToken)
    {
        var changes = Interlocked.Read(ref _changes);
        var asked = _clock.GetTimestamp();
        var key = await _loader.LoadAsync(id).WaitAsync(cancellationToken);
        if (key is null && !isFinal)
        {
            return null;
        }

        var cache = key is null ? _unknown : _known;
        cache.Set(id, new(key, asked));
        if (Interlocked.Read(ref _changes) != changes)
        {
            cache.Remove(id);
        }

        return key;
    }

    private async Task RefreshAsync(Guid id)
    {
        try
        {
            if (await LoadAsync(id, isFinal: true, CancellationToken.None) is null)
            {
                _known.Remove(id);
            }
        }
        catch (Exception)
        {
            // Once the entry is too old, a request looks for itself and answers for what goes wrong.
        }
    }

    private bool IsYoung(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var made = (long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
        return Math.Abs(_clock.GetUtcNow().ToUnixTimeMilliseconds() - made) < YoungFor.TotalMilliseconds;
    }
}
