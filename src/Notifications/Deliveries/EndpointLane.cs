namespace Platform.Notifications.Deliveries;

/// <summary>The places of one endpoint, who waits for them, and how fast they become free.</summary>
internal sealed class EndpointLane(int places, int maxWaiting, TimeProvider clock)
{
    private const double Weight = 0.2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(1);

    /// <summary>Between two that were sent away: so many a second may ask again, however many there are, which bounds what they cost.</summary>
    private static readonly TimeSpan ReturnSpacing = TimeSpan.FromMilliseconds(20);
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = [];
    private readonly long _origin = clock.GetTimestamp();
    private TimeSpan _average = TimeSpan.FromMilliseconds(20);
    private TimeSpan _progressAt;
    private TimeSpan _nextTurn;
    private TimeSpan _nextAllowed;
    private int _running;
    private bool _isRetired;

    private TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <summary>Null when the lane is retired: ask for a new one.</summary>
    public async ValueTask<LaneEntry?> EnterAsync(int? rateLimit, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool>? turn = null;
        var pause = TimeSpan.Zero;
        lock (_lock)
        {
            if (_isRetired)
            {
                return null;
            }

            var spacing = Spacing(rateLimit);
            if (_running < places && _waiting.Count == 0)
            {
                pause = Take(rateLimit);
            }
            else if (_waiting.Count < maxWaiting && spacing * (_waiting.Count + 1) <= Patience)
            {
                turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.AddLast(turn);
            }
            else
            {
                return new(null, 0, Away(spacing));
            }
        }

        if (turn is not null && !await WaitAsync(turn, cancellationToken))
        {
            lock (_lock)
            {
                return new(null, 0, Away(Spacing(rateLimit)));
            }
        }

        if (turn is not null)
        {
            lock (_lock)
            {
                pause = Reserve(rateLimit);
            }
        }

        if (pause > TimeSpan.Zero)
        {
            await PauseAsync(pause, cancellationToken);
        }

        return new(this, clock.GetTimestamp(), TimeSpan.Zero);
    }

    public void Leave(long enteredAt)
    {
        lock (_lock)
        {
            _average = (_average * (1 - Weight)) + (clock.GetElapsedTime(enteredAt) * Weight);
            Free();
        }
    }

    /// <summary>True when nothing would be forgotten with it; nobody can enter it any more.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            var now = Now;
            _isRetired = _running == 0 && _waiting.Count == 0 && _nextTurn <= now && _nextAllowed <= now;
            return _isRetired;
        }
    }

    private TimeSpan Take(int? rateLimit)
    {
        if (_running++ == 0)
        {
            _progressAt = Now;
        }

        return Reserve(rateLimit);
    }

    /// <summary>The pause until this attempt is within the rate.</summary>
    private TimeSpan Reserve(int? rateLimit)
    {
        if (rateLimit is not { } rate)
        {
            return TimeSpan.Zero;
        }

        var now = Now;
        var at = _nextAllowed > now ? _nextAllowed : now;
        _nextAllowed = at + TimeSpan.FromSeconds(1.0 / rate);
        return at - now;
    }

    private async ValueTask<bool> WaitAsync(TaskCompletionSource<bool> turn, CancellationToken cancellationToken)
    {
        try
        {
            return await turn.Task.WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                // The place may have come at the very same moment; then it is taken, or passed on.
                if (turn.TrySetResult(false))
                {
                    _waiting.Remove(turn);
                }
                else if (e is OperationCanceledException)
                {
                    Free();
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            return await turn.Task;
        }
    }

    private async ValueTask PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, clock, cancellationToken);
        }
        catch
        {
            lock (_lock)
            {
                Free();
            }

            throw;
        }
    }

    private void Free()
    {
        _progressAt = Now;
        while (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            if (first.Value.TrySetResult(true))
            {
                return;
            }
        }

        _running--;
    }

    /// <summary>
    /// The time between two free places: by the attempts of late, by how long there has been none, and by the rate limit. The second makes a
    /// receiver that has just begun to hang known before its first attempt times out.
    /// </summary>
    private TimeSpan Spacing(int? rateLimit)
    {
        var spacing = _average / places;
        if (_running >= places && Now - _progressAt is var silence && silence > spacing)
        {
            spacing = silence;
        }

        return rateLimit is { } rate && spacing.TotalSeconds < 1.0 / rate ? TimeSpan.FromSeconds(1.0 / rate) : spacing;
    }

    /// <summary>Those sent away come back one after the other, not all at once.</summary>
    private TimeSpan Away(TimeSpan spacing)
    {
        var now = Now;
        var soonest = now + Soonest;
        var turn = _nextTurn > soonest ? _nextTurn : soonest;
        if (turn - now > Latest)
        {
            return Latest * (0.5 + (Random.Shared.NextDouble() / 2));
        }

        _nextTurn = turn + (spacing < ReturnSpacing ? spacing : ReturnSpacing);
        return turn - now;
    }
}
