using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Threading.Channels;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>
/// One WebSocket. <see cref="FrameReader"/> reads the client's frames; this task alone has the subscriptions and sends. Frames wait in a short queue: who says more
/// than is answered is not read any further.
/// </summary>
internal sealed class SocketSession(WebSocket socket, IFeedConnection connection, IWire wire, FeedOptions options, TimeProvider clock)
{
    private const int MaxQueued = 16;

    /// <summary>How long the other end may take to close, or a slow one to wake up and hear why.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly KeyValuePair<string, object?> Tag = new("transport", OpenSocket.Transport);

    private readonly Channel<ReceivedFrame> _frames = Channel.CreateBounded<ReceivedFrame>(new BoundedChannelOptions(MaxQueued) { SingleReader = true, SingleWriter = true });
    private readonly Dictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _frame = new(1024);
    private long _lastSent;
    private Ending? _end;

    public async Task RunAsync()
    {
        var reading = new FrameReader(socket, wire, _frames.Writer, clock).RunAsync(connection.Ending);
        try
        {
            await PumpAsync();
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException || connection.Ending.IsCancellationRequested)
        {
            // The client has gone.
        }

        _frames.Writer.TryComplete();
        await FarewellAsync(reading);
    }

    private async Task PumpAsync()
    {
        _lastSent = clock.GetTimestamp();
        var checkedAt = _lastSent;
        var more = _frames.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        while (_end is null && !_frames.Reader.Completion.IsCompleted)
        {
            if (connection.Ending.IsCancellationRequested)
            {
                _end = new(WebSocketCloseStatus.EndpointUnavailable, "going_away");
                return;
            }

            var mark = connection.Mark;
            var worked = await AnswerAsync() | await SendEventsAsync();
            if (_end is null && clock.GetElapsedTime(checkedAt) >= Tick)
            {
                checkedAt = clock.GetTimestamp();
                await LookAfterAsync();
            }

            if (worked || _end is not null)
            {
                continue;
            }

            if (more.IsCompleted)
            {
                more = _frames.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
                continue;
            }

            await Task.WhenAny(more, connection.WaitAsync(mark, Tick, connection.Ending));
        }
    }

    /// <summary>Answers what the client has said; true when there was something.</summary>
    private async ValueTask<bool> AnswerAsync()
    {
        var worked = false;
        while (_end is null && _frames.Reader.TryRead(out var received))
        {
            worked = true;
            if (received.End is { } end)
            {
                _end = end;
                return true;
            }

            var (frame, id, problem) = received.Json is { } json ? ClientFrame.Parse(json) : (null, null, received.Problem);
            await SendAsync(frame is null ? ServerFrames.Error(id, problem!) : await AnswerAsync(frame));
        }

        return worked;
    }

    private async ValueTask<byte[]> AnswerAsync(ClientFrame frame)
    {
        _subscriptions.TryGetValue(frame.Id, out var known);
        switch (frame.Type)
        {
            case ClientFrame.Ping:
                return ServerFrames.Pong(frame.Id);
            case ClientFrame.Unsubscribe or ClientFrame.Resume when known is null:
                return ServerFrames.Error(frame.Id, KnownProblems.NotFound("subscription"));
            case ClientFrame.Unsubscribe:
                _subscriptions.Remove(frame.Id);
                return ServerFrames.Unsubscribed(frame.Id, known!.Feed.Position);
            case ClientFrame.Subscribe when known is not null:
                return ServerFrames.Error(frame.Id, KnownProblems.Validation("/id", "duplicate", $"There is a subscription '{frame.Id}' already: resume it, or unsubscribe it first."));
            case ClientFrame.Subscribe when _subscriptions.Count >= options.MaxSubscriptions:
                return ServerFrames.Error(frame.Id, KnownProblems.Validation("/id", "too_many", $"A connection has up to {options.MaxSubscriptions} subscriptions."));
        }

        var filter = known?.Filter ?? frame.Filter;
        var (subscription, problem) = await connection.SubscribeAsync(filter, frame.After, connection.Ending);
        if (subscription is null)
        {
            return ServerFrames.Error(frame.Id, problem! with { Errors = [.. problem!.Errors.Select(e => e with { Pointer = "/" + e.Pointer })] });
        }

        _subscriptions[frame.Id] = new(frame.Id, filter, subscription, wire.EventPrefix(frame.Id));
        return ServerFrames.Subscribed(frame.Id, subscription.Position);
    }

    /// <summary>A round of all subscriptions, so that one with a long history to read does not keep the others waiting.</summary>
    private async ValueTask<bool> SendEventsAsync()
    {
        var worked = false;
        foreach (var subscription in _subscriptions.Values)
        {
            var items = await subscription.Feed.ReadAsync(connection.Ending);
            foreach (var item in items)
            {
                if (_end is not null)
                {
                    return true;
                }

                if (item.Event is { } found)
                {
                    _frame.ResetWrittenCount();
                    wire.WriteEvent(_frame, subscription.Prefix, found);
                    await SendFrameAsync(_frame.WrittenMemory);
                }
                else
                {
                    await SendAsync(ServerFrames.Gap(subscription.Id, item.Gap!, item.Position));
                }

                subscription.Sent = item.Position;
            }

            worked |= items.Count > 0;
            if (items.Count > 0)
            {
                FeedTelemetry.Sent.Add(items.Count, Tag);
            }
            else
            {
                subscription.Sent = subscription.Feed.Position;
            }
        }

        return worked;
    }

    private async ValueTask LookAfterAsync()
    {
        if (await connection.CheckAsync() is { } problem)
        {
            _end = new((WebSocketCloseStatus)(4000 + problem.Status), problem.Code);
            return;
        }

        if (clock.GetElapsedTime(_lastSent) >= options.Heartbeat)
        {
            await SendAsync(ServerFrames.Heartbeat(Token()));
        }
    }

    private ValueTask SendAsync(byte[] json) => SendFrameAsync(wire.FromJson(json));

    private async ValueTask SendFrameAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = socket.SendAsync(frame, wire.MessageType, endOfMessage: true, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
        {
            var sent = sending.AsTask();
            try
            {
                await sent.WaitAsync(options.SlowClientTimeout, clock, connection.Ending);
            }
            catch (TimeoutException)
            {
                FeedTelemetry.Slow.Add(1, Tag);
                _end = new((WebSocketCloseStatus)4408, "slow_client") { Pending = sent };
                return;
            }
            catch (OperationCanceledException)
            {
                _end = new(WebSocketCloseStatus.EndpointUnavailable, "going_away") { Pending = sent };
                return;
            }
        }

        _lastSent = clock.GetTimestamp();
    }

    /// <summary>
    /// Says why, with the token to resume with. A frame that is still on its way has to be through first: a client that wakes up within the moment that it is given
    /// hears it, any other is cut off.
    /// </summary>
    private async Task FarewellAsync(Task reading)
    {
        try
        {
            if (_end?.Pending is { } pending)
            {
                await pending.WaitAsync(Farewell, clock);
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                var (status, reason) = _end is null ? (WebSocketCloseStatus.NormalClosure, "") : (_end.Status, _end.Reason);
                var token = Token() is { } position ? $" resume={position.ToString(CultureInfo.InvariantCulture)}" : "";
                await socket.CloseOutputAsync(status, (reason + token).Trim(), CancellationToken.None).WaitAsync(Farewell, clock);
            }

            await reading.WaitAsync(Farewell, clock);
        }
        catch (Exception e) when (e is TimeoutException or WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It does not listen any more.
        }

        socket.Abort();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The lowest position of the subscriptions: resumed from there, none of them misses anything.</summary>
    private long? Token() => _subscriptions.Count == 0 ? null : _subscriptions.Values.Min(s => s.Sent);

    private sealed record Subscription(string Id, EventFilter Filter, IFeedSubscription Feed, byte[] Prefix)
    {
        /// <summary>Up to here everything was sent.</summary>
        public long Sent { get; set; } = Feed.Position;
    }
}

/// <summary>Why a connection ends: the close frame's code and reason.</summary>
internal sealed record Ending(WebSocketCloseStatus Status, string Reason)
{
    /// <summary>A frame that has not gone out yet.</summary>
    public Task? Pending { get; init; }
}
