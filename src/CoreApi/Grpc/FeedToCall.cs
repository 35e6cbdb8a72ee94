using System.Diagnostics;
using Google.Protobuf;
using Platform.CoreApi.Feed;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Usage;

namespace Platform.CoreApi.Grpc;

/// <summary>Follows the feed into a streaming call, at the pace of whoever reads it: the next events are read when these are taken.</summary>
/// <param name="filter">What the caller wants.</param>
/// <param name="after">Position to go on from; null for what comes from now on.</param>
/// <param name="messageOf">The message of an item; null for one that the caller does not want.</param>
/// <param name="progress">A message that tells no more than a position.</param>
internal sealed class FeedToCall(
    HttpContext http, IServerStream stream, EventFilter filter, long? after, Func<FeedItem, IMessage?> messageOf, Func<long, IMessage> progress)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly KeyValuePair<string, object?> Tag = new("transport", "grpc");
    private readonly FeedOptions _options = http.RequestServices.GetRequiredService<FeedOptions>();
    private readonly TimeProvider _clock = http.RequestServices.GetRequiredService<TimeProvider>();
    private long _told;
    private long _toldAt;

    /// <summary>Until the caller goes, may no longer listen, or does not read.</summary>
    public async Task<IResult> RunAsync()
    {
        var (connection, refused) = http.RequestServices.GetRequiredService<IEventFeed>().Open(http, "grpc");
        if (connection is null)
        {
            return refused!;
        }

        using (connection)
        {
            var (subscription, invalid) = await connection.SubscribeAsync(filter, after, connection.Ending);
            if (subscription is null)
            {
                return invalid!;
            }

            // A stream that lasts for hours is no slow request, and what is read for it belongs to no request's trace.
            StreamUsage.CountNow(http, StatusCodes.Status200OK);
            Activity.Current = null;
            try
            {
                return await FollowAsync(connection, subscription);
            }
            catch (OperationCanceledException) when (connection.Ending.IsCancellationRequested)
            {
                return connection.IsStopping ? KnownProblems.Unavailable() : Results.Empty;
            }
        }
    }

    private async Task<IResult> FollowAsync(IFeedConnection connection, IFeedSubscription subscription)
    {
        // First of all where the stream begins: the token of a caller that is cut off before the first event.
        if (!await TellAsync(progress(subscription.Position), subscription.Position, connection))
        {
            return Results.Empty;
        }

        var checkedAt = _clock.GetTimestamp();
        while (!connection.Ending.IsCancellationRequested)
        {
            var mark = connection.Mark;
            var items = await subscription.ReadAsync(connection.Ending);
            foreach (var item in items)
            {
                if (messageOf(item) is { } message && !await TellAsync(message, item.Position, connection))
                {
                    return Results.Empty;
                }
            }

            // Past what the filter holds back, so that a token does not grow old.
            if (_told != subscription.Position && _clock.GetElapsedTime(_toldAt) >= _options.Heartbeat
                && !await TellAsync(progress(subscription.Position), subscription.Position, connection))
            {
                return Results.Empty;
            }

            if (_clock.GetElapsedTime(checkedAt) >= Tick)
            {
                checkedAt = _clock.GetTimestamp();
                if (await connection.CheckAsync() is { } gone)
                {
                    return gone;
                }
            }

            if (items.Count == 0)
            {
                await connection.WaitAsync(mark, Tick < _options.Heartbeat ? Tick : _options.Heartbeat, connection.Ending);
            }
        }

        return connection.IsStopping ? KnownProblems.Unavailable() : Results.Empty;
    }

    /// <summary>False when the caller took nothing for too long and was cut off: the last position is its token.</summary>
    private async ValueTask<bool> TellAsync(IMessage message, long position, IFeedConnection connection)
    {
        var writing = stream.WriteAsync(message);
        if (!writing.IsCompletedSuccessfully)
        {
            try
            {
                await writing.AsTask().WaitAsync(_options.SlowClientTimeout, _clock, connection.Ending);
            }
            catch (TimeoutException)
            {
                FeedTelemetry.Slow.Add(1, Tag);
                stream.Cut();
                return false;
            }
        }

        FeedTelemetry.Sent.Add(1, Tag);
        _told = position;
        _toldAt = _clock.GetTimestamp();
        return true;
    }
}
