using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Feed;

/// <summary>
/// The latest events of one tenant, shared by all its listeners: bounded by number and bytes, dense by position. Nobody is waited for: a listener that is
/// further behind than this reaches reads the table.
/// </summary>
internal sealed class TenantFeed(Guid tenant, long head, FeedOptions options, long now)
{
    private readonly Lock _lock = new();
    private readonly FeedEvent?[] _ring = new FeedEvent?[options.RecentEvents];
    private long _first = head + 1;
    private long _head = head;
    private long _bytes;
    private int _listeners;
    private bool _isClosed;
    private (int Times, long To) _setBack;
    private TaskCompletionSource _pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Tenant => tenant;

    /// <summary>The last position that is known here.</summary>
    public long Head
    {
        get
        {
            lock (_lock)
            {
                return _head;
            }
        }
    }

    /// <summary>How often the history was set back, and to where the last time: what listeners knew of it is over.</summary>
    public (int Times, long To) SetBack
    {
        get
        {
            lock (_lock)
            {
                return _setBack;
            }
        }
    }

    /// <summary>When the last listener left, by the clock's timestamp.</summary>
    public long IdleSince { get; private set; } = now;

    /// <summary>Completes with the next change.</summary>
    public Task Changed => Volatile.Read(ref _pulse).Task;

    /// <summary>False when it was given up meanwhile.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            _listeners += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    public void Leave(long now)
    {
        lock (_lock)
        {
            _listeners--;
            IdleSince = now;
        }
    }

    /// <summary>Gives it up when nobody listens; nobody can join afterwards.</summary>
    public bool TryClose()
    {
        lock (_lock)
        {
            return _isClosed |= _listeners == 0;
        }
    }

    /// <summary>
    /// Events in order after the head. Where some are missing in between (older than the retention by now), what came before is forgotten and listeners
    /// behind it find the gap in the table.
    /// </summary>
    public void Append(IReadOnlyList<FeedEvent> events)
    {
        lock (_lock)
        {
            foreach (var added in events)
            {
                if (added.Position <= _head)
                {
                    continue;
                }

                if (added.Position != _head + 1)
                {
                    Clear(added.Position - 1);
                }

                _ring[added.Position % _ring.Length] = added;
                _head = added.Position;
                _bytes += added.Data.Length;
                while (_head - _first >= _ring.Length || (_bytes > options.RecentBytes && _first < _head))
                {
                    Forget();
                }
            }
        }

        Pulse();
    }

    /// <summary>The table ends elsewhere: earlier where the database was set back, later where the events are gone already.</summary>
    public void Reset(long head)
    {
        lock (_lock)
        {
            if (head < _head)
            {
                _setBack = (_setBack.Times + 1, head);
            }

            Clear(head);
        }

        Pulse();
    }

    /// <summary>Adds the events after a position to the list; false when the table has to be read for them.</summary>
    public bool TryRead(long after, List<FeedEvent> events, int max, int maxBytes)
    {
        lock (_lock)
        {
            if (after + 1 < _first)
            {
                return false;
            }

            for (var position = after + 1; position <= _head && events.Count < max && maxBytes > 0; position++)
            {
                var found = _ring[position % _ring.Length]!;
                events.Add(found);
                maxBytes -= found.Data.Length;
            }

            return true;
        }
    }

    private void Forget()
    {
        // Its slot may hold a later event already, where the ring has just come round.
        var slot = _first % _ring.Length;
        if (_ring[slot] is { } oldest && oldest.Position == _first)
        {
            _bytes -= oldest.Data.Length;
            _ring[slot] = null;
        }

        _first++;
    }

    private void Clear(long head)
    {
        Array.Clear(_ring);
        _bytes = 0;
        _head = head;
        _first = head + 1;
    }

    private void Pulse() =>
        Interlocked.Exchange(ref _pulse, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
