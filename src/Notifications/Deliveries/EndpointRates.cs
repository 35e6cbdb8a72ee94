using System.Collections.Concurrent;
using Npgsql;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// An endpoint's rate over all processes (GCRA): its row knows when the next attempt may be made. A process takes a few places at a time, for a tenth of a
/// second, so that a high rate costs ten round trips a second; a place that was not used in its time is lost.
/// </summary>
internal sealed class EndpointRates(NotificationsDatabase database, TimeProvider clock)
{
    private const int KeptWithoutLooking = 4096;
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(100);

    /// <summary>Who would have to wait longer waits in the queue.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Guid, Places> _places = new();

    /// <summary>Waits until an attempt is within the rate; null when it is. Otherwise that is so far away that it is better to come again then.</summary>
    /// <param name="rateLimit">Attempts a second; null for no limit.</param>
    public async ValueTask<TimeSpan?> WaitAsync(Guid tenant, Guid endpoint, int? rateLimit, CancellationToken cancellationToken)
    {
        if (rateLimit is not { } rate)
        {
            return null;
        }

        Forget();
        var places = _places.GetOrAdd(endpoint, static _ => new());
        TimeSpan pause;
        await places.Lock.WaitAsync(cancellationToken);
        try
        {
            if (places.Take(clock.GetTimestamp(), clock) is not { } free)
            {
                var gap = TimeSpan.FromSeconds(1.0 / rate);
                var count = Math.Max(1, (int)(Ahead / gap));
                var (start, later) = await ReserveAsync(tenant, endpoint, gap, count, cancellationToken);
                if (later is not null)
                {
                    return later;
                }

                places.Fill(clock.GetTimestamp(), start, gap, count);
                free = places.Take(clock.GetTimestamp(), clock) ?? TimeSpan.Zero;
            }

            pause = free;
        }
        finally
        {
            places.Lock.Release();
        }

        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, clock, cancellationToken);
        }

        return null;
    }

    /// <summary>When the first place is; or, where none is near, when to ask again. Null and zero where the endpoint is gone: there is nothing to keep to.</summary>
    private async Task<(TimeSpan Start, TimeSpan? Later)> ReserveAsync(Guid tenant, Guid endpoint, TimeSpan gap, int count, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("""
            WITH granted AS (
                UPDATE notifications.endpoint SET rate_at = greatest(rate_at, clock_timestamp()) + $3
                WHERE tenant_id = $1 AND id = $2 AND (rate_at IS NULL OR rate_at < clock_timestamp() + $4)
                RETURNING rate_at - $3 - clock_timestamp() AS start)
            SELECT (SELECT start FROM granted), rate_at - clock_timestamp() FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = endpoint },
                new NpgsqlParameter<TimeSpan> { TypedValue = gap * count },
                new NpgsqlParameter<TimeSpan> { TypedValue = Patience },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return (TimeSpan.Zero, null);
        }

        if (!reader.IsDBNull(0))
        {
            return (reader.GetTimeSpan(0), null);
        }

        // Read as it was before somebody else took the last place near: a little later, then.
        var wait = reader.IsDBNull(1) ? Patience : reader.GetTimeSpan(1);
        return (TimeSpan.Zero, wait > Patience ? wait : Patience);
    }

    private void Forget()
    {
        if (_places.Count > KeptWithoutLooking)
        {
            _places.Clear();
        }
    }

    /// <summary>What this process has been granted of one endpoint's rate. Used under its lock.</summary>
    private sealed class Places
    {
        private long _origin;
        private TimeSpan _next;
        private TimeSpan _gap;
        private int _left;

        public SemaphoreSlim Lock { get; } = new(1, 1);

        public void Fill(long now, TimeSpan start, TimeSpan gap, int count) => (_origin, _next, _gap, _left) = (now, start, gap, count);

        /// <summary>How long until the next place; null when there is none.</summary>
        public TimeSpan? Take(long now, TimeProvider clock)
        {
            var elapsed = clock.GetElapsedTime(_origin, now);
            while (_left > 0 && _next < elapsed - Ahead)
            {
                (_next, _left) = (_next + _gap, _left - 1);
            }

            if (_left == 0)
            {
                return null;
            }

            var pause = _next > elapsed ? _next - elapsed : TimeSpan.Zero;
            (_next, _left) = (_next + _gap, _left - 1);
            return pause;
        }
    }
}
