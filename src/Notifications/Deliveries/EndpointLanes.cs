using System.Collections.Concurrent;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// Keeps one endpoint from slowing the others: each has a few places. Who finds them taken waits here if a place is near, judged by how
/// fast this endpoint has been of late, and otherwise goes back to the queue until its turn is likely. A receiver that hangs
/// therefore occupies its own places and nothing else.
/// </summary>
internal sealed class EndpointLanes(WebhookOptions options, TimeProvider clock)
{
    private const int KeptWithoutLooking = 4096;
    private readonly ConcurrentDictionary<Guid, EndpointLane> _lanes = new();

    /// <summary>A place, or how long to stay away. Whoever got a place must leave it.</summary>
    /// <param name="rateLimit">Attempts a second; null for no limit.</param>
    public async ValueTask<LaneEntry> EnterAsync(Guid endpoint, int? rateLimit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lane = _lanes.GetOrAdd(endpoint, static (_, s) => new(s.options.EndpointConcurrency, s.options.Concurrency * 3 / 4, s.clock), (options, clock));
            if (await lane.EnterAsync(rateLimit, cancellationToken) is { } entry)
            {
                return entry;
            }
        }
    }

    /// <summary>For how long to go away, when the endpoint's rate has no room before <paramref name="later"/>.</summary>
    public TimeSpan StayAway(LaneEntry entry, int? rateLimit, TimeSpan later) =>
        entry.Lane!.StayAway(rateLimit) is var turn && turn > later ? turn : later;

    /// <summary>Gives the place to the next one.</summary>
    public void Leave(Guid endpoint, LaneEntry entry)
    {
        entry.Lane!.Leave();
        if (_lanes.Count > KeptWithoutLooking && entry.Lane.TryRetire())
        {
            _lanes.TryRemove(KeyValuePair.Create(endpoint, entry.Lane));
        }
    }
}

/// <summary>A place in a lane, or none.</summary>
/// <param name="Lane">Null when there was no place.</param>
/// <param name="StayAway">How long, when there was no place.</param>
internal readonly record struct LaneEntry(EndpointLane? Lane, TimeSpan StayAway);
