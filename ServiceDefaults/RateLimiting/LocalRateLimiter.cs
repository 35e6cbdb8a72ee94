using System.Collections.Concurrent;
using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.RateLimiting;

/// <summary>
/// GCRA in this process: one number a key, the moment at which the requests made so far would all have been due at the steady rate. It
/// may lie at most a burst ahead of now. Decisions take no lock; a key that has been idle long enough to have its whole quota back is
/// the same as one never seen, and is forgotten.
/// </summary>
internal sealed class LocalRateLimiter : IRateLimiter
{
    private const long Forgotten = long.MinValue;
    private const long Second = 1_000_000_000;
    private readonly ConcurrentDictionary<Guid, Due> _keys = new();
    private readonly ConcurrentDictionary<int, RatePolicy> _policies = new();
    private readonly Due _overflow = new();
    private readonly RatePolicy _default;
    private readonly TimeProvider _clock;
    private readonly int _capacity;
    private readonly long _origin;
    private long _swept;

    /// <param name="capacity">Keys that are told apart; those beyond share one quota.</param>
    public LocalRateLimiter(RateLimitOptions options, TimeProvider clock, int capacity = 100_000)
    {
        _default = new(options.RequestsPerMinute);
        _clock = clock;
        _capacity = capacity;
        _origin = clock.GetTimestamp();
    }

    internal int Count => _keys.Count;

    public ValueTask<RateDecision> DecideAsync(Principal principal, CancellationToken cancellationToken) => new(Decide(principal.KeyId, principal.RateLimit));

    internal RateDecision Decide(Guid key, int? requestsPerMinute)
    {
        var policy = requestsPerMinute is { } own ? _policies.GetOrAdd(own, static limit => new(limit)) : _default;
        var now = Now();
        while (true)
        {
            var due = Find(key, now);
            var seen = Volatile.Read(ref due.At);
            if (seen == Forgotten)
            {
                // Given up by a sweep while we looked: the next look makes a new one.
                _keys.TryRemove(new(key, due));
                continue;
            }

            var next = Math.Max(seen, now) + policy.Interval;
            var ahead = next - now;
            if (ahead > policy.Interval * policy.Limit)
            {
                return new(Allowed: false, policy, 0, Seconds(seen - now), Math.Max(1, Seconds(ahead - (policy.Interval * policy.Limit))));
            }

            if (Interlocked.CompareExchange(ref due.At, next, seen) == seen)
            {
                return new(Allowed: true, policy, (int)(policy.Limit - ((ahead + policy.Interval - 1) / policy.Interval)), Seconds(ahead), 0);
            }
        }
    }

    /// <summary>Forgets keys whose quota is whole.</summary>
    internal void Sweep()
    {
        var now = Now();
        foreach (var (key, due) in _keys)
        {
            var seen = Volatile.Read(ref due.At);
            if (seen <= now && Interlocked.CompareExchange(ref due.At, Forgotten, seen) == seen)
            {
                _keys.TryRemove(new(key, due));
            }
        }
    }

    private Due Find(Guid key, long now)
    {
        if (_keys.TryGetValue(key, out var due))
        {
            return due;
        }

        // Once in a while where keys come and go, at most once a second where all places are taken.
        var swept = Volatile.Read(ref _swept);
        var full = _keys.Count >= _capacity;
        if (now - swept >= (full ? Second : 60 * Second) && Interlocked.CompareExchange(ref _swept, now, swept) == swept)
        {
            Sweep();
            full = _keys.Count >= _capacity;
        }

        return full ? _overflow : _keys.GetOrAdd(key, static _ => new());
    }

    private static int Seconds(long nanoseconds) => (int)Math.Max(0, (nanoseconds + Second - 1) / Second);

    /// <summary>Nanoseconds since this limiter was made; ticks are a hundred of them, which is fine enough and cannot overflow.</summary>
    private long Now() => _clock.GetElapsedTime(_origin).Ticks * 100;

    private sealed class Due
    {
        public long At;
    }
}
