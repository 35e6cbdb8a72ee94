namespace Platform.Notifications.Deliveries;

/// <summary>The places of one endpoint, who waits for them, and how fast they become free.</summary>
internal sealed class EndpointLane(int places, int maxWaiting, TimeProvider clock)
{
    private const double Weight = 0.1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(1);

    /// <summary>Between two that were sent away: so many a second may ask again, however many there are, which bounds what they cost.</summary>
    private static readonly TimeSpan ReturnSpacing = TimeSpan.FromMilliseconds(20);
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = [];
    private readonly long _origin = clock.GetTimestamp();
    private TimeSpan _gap = TimeSpan.FromMilliseconds(1);
    private TimeSpan _progressAt;
    private TimeSpan _nextTurn;
    private int _running;
    private bool _isRetired;

    private TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <summary>Places become free so rarely that waiting for one would only occupy the process.</summary>
    private bool IsStalled => Spacing(rateLimit: null) >= Glance;

    /// <summary>Null when the lane is retired: ask for a new one.</summary>
    public async ValueTask<LaneEntry?> EnterAsync(int? rateLimit, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool>? turn = null;
        lock (_lock)
        {
            if (_isRetired)
            {
                return null;
            }

            if (_running < places && _waiting.Count == 0)
            {
                _running++;
                if (_running == places)
                {
                    _progressAt = Now;
                }
            }
            else if (_waiting.Count < maxWaiting && !IsStalled && Spacing(rateLimit) * (_waiting.Count + 1) <= Patience)
            {
                turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.AddLast(turn);
            }
            else
            {
                return new(null, Away(rateLimit));
            }
        }

        if (turn is not null && !await WaitAsync(turn, cancellationToken))
        {
            lock (_lock)
            {
                return new(null, Away(rateLimit));
            }
        }

        return new(this, TimeSpan.Zero);
    }

    /// <summary>When its turn is likely, for one that cannot go on after all.</summary>
    public TimeSpan StayAway(int? rateLimit)
    {
        lock (_lock)
        {
            return Away(rateLimit);
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            Free();
        }
    }

    /// <summary>True when nothing would be forgotten with it; nobody can enter it any more.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            var now = Now;
            _isRetired = _running == 0 && _waiting.Count == 0 && _nextTurn <= now;
            return _isRetired;
        }
    }

    /// <summary>Waits while the lane moves. False when it stopped, or when patience ended.</summary>
    private async ValueTask<bool> WaitAsync(TaskCompletionSource<bool> turn, CancellationToken cancellationToken)
    {
        var since = Now;
        while (true)
        {
            try
            {
                return await turn.Task.WaitAsync(Glance, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                lock (_lock)
                {
                    // Where the place has come at this very moment, it is found at the next turn of the loop.
                    if ((Now - since >= Patience || IsStalled) && turn.TrySetResult(false))
                    {
                        _waiting.Remove(turn);
                        return false;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    if (turn.TrySetResult(false))
                    {
                        _waiting.Remove(turn);
                    }
                    else
                    {
                        Free();
                    }
                }

                throw;
            }
        }
    }

    private void Free()
    {
        if (_running == places)
        {
            var now = Now;
            _gap = (_gap * (1 - Weight)) + ((now - _progressAt) * Weight);
            _progressAt = now;
        }

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
    /// The time between two places that become free while all are taken: as it was of late, or as long as there has been none, which makes
    /// a receiver that has just begun to hang known long before its first attempt times out; or what the rate limit says.
    /// </summary>
    private TimeSpan Spacing(int? rateLimit)
    {
        var spacing = _gap;
        if (_running == places && Now - _progressAt is var silence && silence > Glance && silence > 8 * _gap)
        {
            spacing = silence;
        }

        return rateLimit is { } rate && spacing.TotalSeconds < 1.0 / rate ? TimeSpan.FromSeconds(1.0 / rate) : spacing;
    }

    /// <summary>Those sent away come back one after the other, not all at once, and rather too early than too late.</summary>
    private TimeSpan Away(int? rateLimit)
    {
        var spacing = Spacing(rateLimit: null);
        spacing = spacing < ReturnSpacing ? spacing : ReturnSpacing;
        if (rateLimit is { } rate && spacing.TotalSeconds < 1.0 / rate)
        {
            spacing = TimeSpan.FromSeconds(1.0 / rate);
        }

        var now = Now;
        var turn = _nextTurn > now + Soonest ? _nextTurn : now + Soonest;
        if (turn - now > Latest)
        {
            return Latest * (0.5 + (Random.Shared.NextDouble() / 2));
        }

        _nextTurn = turn + spacing;
        return turn - now;
    }
}
