using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Feed;

/// <summary>
/// The live event feed of this process, for transports (SSE, WebSocket, gRPC server streams). The service that keeps the feed registers it; where none
/// of the services in a process does, it is not registered.
/// </summary>
public interface IEventFeed
{
    /// <summary>
    /// Opens a client's connection, which counts against its organization's limit until it is disposed. A 429 problem beyond the limit. The request has
    /// passed access control: its principal and the scope of its endpoint are what <see cref="IFeedConnection.CheckAsync"/> holds on to.
    /// </summary>
    /// <param name="transport">A label of metrics: <c>sse</c>, <c>websocket</c>, <c>grpc</c>.</param>
    (IFeedConnection? Connection, Problem? Problem) Open(HttpContext http, string transport);
}

/// <summary>One client of the feed. Used by one task at a time, except <see cref="Ending"/>.</summary>
public interface IFeedConnection : IDisposable
{
    /// <summary>
    /// Fires when the client has gone or the process is about to stop: streams end at once, so that a drain is short. <see cref="IsStopping"/> tells which.
    /// </summary>
    CancellationToken Ending { get; }

    /// <summary>True when the process is about to stop.</summary>
    bool IsStopping { get; }

    /// <summary>
    /// Follows the events of the principal's organization that <paramref name="filter"/> lets through. A 400 problem when
    /// <paramref name="after"/> is a position that was not reached yet.
    /// </summary>
    /// <param name="after">
    /// The last position that the client has seen; 0 for everything that is retained; null for what comes from now on.
    /// </param>
    ValueTask<(IFeedSubscription? Subscription, Problem? Problem)> SubscribeAsync(EventFilter filter, long? after, CancellationToken cancellationToken);

    /// <summary>Until something new may be there for one of the subscriptions, or <paramref name="timeout"/>. Take <see cref="Mark"/> before reading, wait on it after.</summary>
    Task WaitAsync(object mark, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>What the next <see cref="WaitAsync"/> waits to be left behind.</summary>
    object Mark { get; }

    /// <summary>
    /// Null while the client may go on; the problem (401, 403) once its key is revoked or expired or lost the scope. Cheap: meant to be asked every second.
    /// </summary>
    ValueTask<Problem?> CheckAsync();
}

/// <summary>A place in the feed with a filter. Pulled by its client, so that a slow one holds up nobody else and nothing gathers for it.</summary>
public interface IFeedSubscription
{
    /// <summary>
    /// The resume token: every event up to it was returned by <see cref="ReadAsync"/> or is not wanted. It also moves past events that the filter holds back.
    /// </summary>
    long Position { get; }

    /// <summary>The next items in order of position, at most 256 and about 256 KiB; empty when there is nothing new now. Never waits for events.</summary>
    ValueTask<IReadOnlyList<FeedItem>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>An event or a gap: exactly one of the two is set.</summary>
/// <param name="Position">The client's resume token once it has seen this.</param>
public readonly record struct FeedItem(long Position, FeedEvent? Event, FeedGap? Gap);

/// <summary>Events that the client has missed for good.</summary>
/// <param name="From">First lost position; null where that is not known.</param>
/// <param name="To">Last lost position; null where that is not known.</param>
/// <param name="Reason"><see cref="Expired"/> or <see cref="UnknownPosition"/>.</param>
public sealed record FeedGap(long? From, long? To, string Reason)
{
    /// <summary>The events are older than the feed's retention.</summary>
    public const string Expired = "expired";

    /// <summary>The feed has never given out the position: the database was restored from a backup, or the token is not one. It goes on from the head.</summary>
    public const string UnknownPosition = "unknown_position";
}
