using System.Buffers;
using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Feed.Sse;

/// <summary>One client's event stream, from its first byte to its last.</summary>
internal sealed class EventStream(HttpContext http, IFeedConnection connection, IFeedSubscription subscription, FeedOptions options, TimeProvider clock)
{
    /// <summary>Bytes that are written before the client has to have taken them.</summary>
    private const int MaxUnsent = 64 * 1024;

    /// <summary>How often it is asked whether the client may still listen, and whether it is time for a heartbeat.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly KeyValuePair<string, object?> Tag = new("transport", StreamEvents.Transport);

    private long _unsent;
    private long _lastSent;
    private long _announced;

    /// <param name="isLost">The client's token meant nothing: it is told first.</param>
    public async Task RunAsync(bool isLost)
    {
        try
        {
            Write(SseText.Retry(options.Retry));
            Write(isLost
                ? SseText.Gap(new(null, null, FeedGap.UnknownPosition), subscription.Position)
                : SseText.Position(subscription.Position));
            _announced = subscription.Position;
            var isTaken = await FlushAsync();
            var checkedAt = clock.GetTimestamp();
            while (isTaken && !connection.Ending.IsCancellationRequested)
            {
                var mark = connection.Mark;
                var items = await subscription.ReadAsync(connection.Ending);
                isTaken = await WriteAsync(items) && await HeartbeatAsync();
                if (clock.GetElapsedTime(checkedAt) >= Tick)
                {
                    checkedAt = clock.GetTimestamp();
                    if (await connection.CheckAsync() is not null)
                    {
                        // The client connects again and is told why it may not.
                        return;
                    }
                }

                if (isTaken && items.Count == 0)
                {
                    await connection.WaitAsync(mark, Tick < options.Heartbeat ? Tick : options.Heartbeat, connection.Ending);
                }
            }
        }
        catch (OperationCanceledException) when (connection.Ending.IsCancellationRequested)
        {
            // The client has gone, or the process is about to: an end like any other, the client has its token.
        }
    }

    private async ValueTask<bool> WriteAsync(IReadOnlyList<FeedItem> items)
    {
        foreach (var item in items)
        {
            Write(item.Event is { } found ? found.Sse(SseText.Event).Span : SseText.Gap(item.Gap!, item.Position));
            _announced = item.Position;
            if (_unsent >= MaxUnsent && !await FlushAsync())
            {
                return false;
            }
        }

        if (items.Count > 0)
        {
            FeedTelemetry.Sent.Add(items.Count, Tag);
        }

        return _unsent == 0 || await FlushAsync();
    }

    private async ValueTask<bool> HeartbeatAsync()
    {
        if (clock.GetElapsedTime(_lastSent) < options.Heartbeat)
        {
            return true;
        }

        Write(SseText.Heartbeat);
        if (_announced != subscription.Position)
        {
            _announced = subscription.Position;
            Write(SseText.Position(_announced));
        }

        return await FlushAsync();
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        http.Response.BodyWriter.Write(text);
        _unsent += text.Length;
    }

    /// <summary>False when the client took nothing for too long and was cut off: its last <c>id</c> is its token.</summary>
    private async ValueTask<bool> FlushAsync()
    {
        _unsent = 0;
        var flushing = http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        if (!flushing.IsCompleted)
        {
            var flushed = flushing.AsTask();
            try
            {
                await flushed.WaitAsync(options.SlowClientTimeout, clock, connection.Ending);
            }
            catch (TimeoutException)
            {
                FeedTelemetry.Slow.Add(1, Tag);
                http.Abort();
                return false;
            }
            catch (OperationCanceledException)
            {
                http.Abort();
                return false;
            }
        }

        _lastSent = clock.GetTimestamp();
        return !connection.Ending.IsCancellationRequested;
    }
}
