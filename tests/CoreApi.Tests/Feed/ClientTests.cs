using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Events;
using Platform.CoreApi.Feed;
using Platform.ServiceDefaults.Feed;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>Clients that stand still, are many, may no longer listen, or listen while the process ends.</summary>
public sealed class ClientTests
{
    private static readonly (string, string)[] Impatient = [("Feed:SlowClientTimeout", "00:00:03"), ("Feed:Heartbeat", "00:00:01")];

    [Fact]
    public async Task A_client_that_takes_nothing_is_cut_off_and_resumes()
    {
        await using var service = await CoreApiFixture.StartAsync(settings: Impatient);
        var tenant = Publishing.NewTenant();
        using var client = service.Client(tenant);
        using var stopped = new StoppedReader(service, tenant);
        using var socket = await SocketClient.OpenAsync(service, tenant);
        await socket.AskAsync("""{"type":"subscribe","id":"s"}""", "subscribed");
        using var awake = await SseClient.OpenAsync(client);

        // More than any buffer between here and there holds.
        const int count = 160;
        await service.PublishAsync(tenant, count, padding: 100_000);
        Assert.Equal(Enumerable.Range(1, count).Select(p => (long)p), (await awake.ReadAsync(count)).Select(e => e.Position));

        // Both are cut off, the one that reads is not. What was sent before can still be read, and is less than everything.
        await Eventually.IsTrueAsync(() => OpenClients(service, tenant) == 1, "the end of the two that stand still");
        var text = await stopped.ReadToEndAsync();
        var last = text.Split('\n').Where(l => l.StartsWith("id: ", StringComparison.Ordinal)).Select(l => long.Parse(l[4..])).SkipLast(1).DefaultIfEmpty(0).Last();
        Assert.InRange(last, 0, count - 1);
        using var resumed = await SseClient.OpenAsync(client, lastEventId: last.ToString());
        Assert.Equal(last + 1, (await resumed.ReadAsync())!.Position);
    }

    [Fact]
    public async Task A_socket_that_wakes_up_in_time_hears_why_and_where_to_resume()
    {
        await using var service = await CoreApiFixture.StartAsync(settings: [("Feed:SlowClientTimeout", "00:00:00.300")]);
        var tenant = Publishing.NewTenant();
        using var socket = await SocketClient.OpenAsync(service, tenant);
        await socket.AskAsync("""{"type":"subscribe","id":"s"}""", "subscribed");
        await service.PublishAsync(tenant, 160, padding: 100_000);

        // It reads one event, and the next ones only when a frame was stuck for its time.
        var slow = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "platform.feed.slow_clients")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => slow += tags[0].Value is "websocket" ? count : 0);
        listener.Start();
        var last = 0L;
        var (status, reason) = (0, "");
        try
        {
            while (await socket.ReceiveBytesAsync() is { } frame)
            {
                var json = System.Text.Json.JsonDocument.Parse(frame).RootElement;
                last = json.GetProperty("type").GetString() == "event" ? json.GetProperty("position").GetInt64() : last;
                if (last == 1)
                {
                    await Eventually.IsTrueAsync(() => Volatile.Read(ref slow) > 0, "a frame that is stuck");
                }
            }

            (status, reason) = ((int)socket.Socket.CloseStatus!, socket.Socket.CloseStatusDescription!);
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            Assert.Fail("the socket was cut off without a word");
        }

        Assert.Equal((4408, $"slow_client resume={last}"), (status, reason));
    }

    [Fact]
    public async Task A_thousand_streams_a_hundred_sockets_and_one_that_stands_still()
    {
        const int streams = 1000;
        const int sockets = 100;
        const int count = 60;
        await using var service = await CoreApiFixture.StartAsync(settings: [("Feed:MaxConnections", "2000"), ("Feed:SlowClientTimeout", "00:00:02")]);
        var tenant = Publishing.NewTenant();
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = streams + 10 }) { BaseAddress = service.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new("Bearer", TestAuthenticator.Token(tenant));
        using var stopped = new StoppedReader(service, tenant);
        var reading = new List<Task>();
        await Parallel.ForAsync(0, streams, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            var stream = await SseClient.OpenAsync(client, "?type=resource.*");
            var read = ReadAsync(stream, count);
            lock (reading)
            {
                reading.Add(read);
            }
        });
        for (var i = 0; i < sockets; i++)
        {
            var socket = await SocketClient.OpenAsync(service, tenant);
            await socket.AskAsync("""{"type":"subscribe","id":"s","types":["resource.*"]}""", "subscribed");
            reading.Add(ReadAsync(socket, count));
        }

        // What only the stopped one wants fills everything that lies before it.
        await service.PublishAsync(tenant, 80, EventTypes.JobCreated, padding: 200_000);

        // Other subjects travel on other partitions: from here on, what the others want follows without a hole.
        await service.RecordedAsync(tenant, 80);
        for (var i = 0; i < count; i += 20)
        {
            await service.PublishAsync(tenant, 20, first: i);
        }

        await Task.WhenAll(reading).WaitAsync(TimeSpan.FromMinutes(2));
        await Eventually.IsTrueAsync(() => OpenClients(service, tenant) == 0, "the end of the one that stands still");
    }

    [Fact]
    public async Task A_key_that_is_revoked_or_expires_ends_its_streams()
    {
        await using var service = await FeedKeys.StartAsync();
        var tenant = Publishing.NewTenant();
        var revoked = await FeedKeys.AddAsync(service, tenant);
        var expiring = await FeedKeys.AddAsync(service, tenant, "now() + interval '3 seconds'");
        var kept = await FeedKeys.AddAsync(service, tenant);
        using var first = service.Client(revoked.Text);
        using var second = service.Client(expiring.Text);
        using var third = service.Client(kept.Text);
        using var stream = await SseClient.OpenAsync(first);
        using var shortLived = await SseClient.OpenAsync(second);
        using var going = await SseClient.OpenAsync(third);
        using var socket = new SocketClient();
        socket.Socket.Options.AddSubProtocol("platform.json");
        socket.Socket.Options.AddSubProtocol("platform.bearer." + revoked.Text);
        await socket.Socket.ConnectAsync(SocketClient.Address(service), CancellationToken.None);

        var started = Stopwatch.GetTimestamp();
        await service.Database.ExecuteAsync($"UPDATE core.known_key SET revoked_at = now() WHERE key_id = '{revoked.Id}'");
        Assert.True(await stream.EndsAsync());
        Assert.Equal((4401, "unauthenticated"), await socket.ClosedAsync());
        Assert.True(await shortLived.EndsAsync());
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15));
        using var refused = await SseClient.AskAsync(first);
        Assert.Equal(401, (int)refused.StatusCode);
        await service.PublishAsync(tenant, 1);
        Assert.Equal(1, (await going.ReadAsync())!.Position);
    }

    [Fact]
    public async Task A_stop_ends_streams_at_once()
    {
        var service = await CoreApiFixture.StartAsync();
        var tenant = Publishing.NewTenant();
        using var client = service.Client(tenant);
        using var stream = await SseClient.OpenAsync(client);
        using var socket = await SocketClient.OpenAsync(service, tenant);
        await socket.AskAsync("""{"type":"subscribe","id":"s"}""", "subscribed");
        await service.PublishAsync(tenant, 2);
        await stream.ReadAsync(2);
        await socket.ReceiveAsync("event");
        await socket.ReceiveAsync("event");
        var started = Stopwatch.GetTimestamp();
        var closed = socket.ClosedAsync();
        await service.DisposeAsync();
        Assert.True(await stream.EndsAsync());
        Assert.Equal((1001, "going_away resume=2"), await closed);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), "the stop waited for streams");
    }

    [Fact]
    public async Task Streams_are_bounded_by_tenant()
    {
        await using var service = await CoreApiFixture.StartAsync(settings: ("Feed:MaxConnections", "2"));
        var tenant = Publishing.NewTenant();
        using var client = service.Client(tenant);
        using var other = service.Client();
        using var first = await SseClient.OpenAsync(client);
        using (var second = await SocketClient.OpenAsync(service, tenant))
        {
            using var third = await SseClient.AskAsync(client);
            Assert.Equal(429, (int)third.StatusCode);
            Assert.Equal("too_many_streams", (await third.DocumentAsync())["code"].GetString());
            using var theirs = await SseClient.OpenAsync(other);
        }

        await Eventually.IsTrueAsync(async () =>
        {
            using var again = await SseClient.AskAsync(client);
            return again.IsSuccessStatusCode;
        }, "a place that was left");
    }

    [Fact]
    public async Task Silence_is_broken_by_heartbeats_that_move_the_token_on()
    {
        await using var service = await CoreApiFixture.StartAsync(settings: Impatient);
        var tenant = Publishing.NewTenant();
        using var client = service.Client(tenant);
        using var stream = await SseClient.OpenAsync(client, "?type=job.*");
        using var socket = await SocketClient.OpenAsync(service, tenant);
        await socket.AskAsync("""{"type":"subscribe","id":"s","types":["job.*"]}""", "subscribed");
        await service.PublishAsync(tenant, 3);
        await service.RecordedAsync(tenant, 3);
        var read = stream.ReadAsync();
        await Eventually.IsTrueAsync(() => stream.LastEventId == "3", "a token without an event");
        Assert.Contains("heartbeat", stream.Comments);
        await Eventually.IsTrueAsync(
            async () => (await socket.ReceiveAsync("heartbeat")).GetProperty("position").GetInt64() == 3, "a heartbeat with the position");
        await service.PublishAsync(tenant, 1, EventTypes.JobDead);
        Assert.Equal(4, (await read)!.Position);
    }

    private static int OpenClients(TestService service, Guid tenant) => ((EventFeed)service.Services.GetRequiredService<IEventFeed>()).CountOf(tenant);

    private static async Task ReadAsync(SseClient stream, int count)
    {
        using (stream)
        {
            var events = await stream.ReadAsync(count);
            var positions = events.ConvertAll(e => e.Position);
            Assert.Equal(Enumerable.Range(0, count).Select(i => positions[0] + i), positions);
        }
    }

    private static async Task ReadAsync(SocketClient socket, int count)
    {
        using (socket)
        {
            var positions = new List<long>();
            while (positions.Count < count)
            {
                positions.Add((await socket.ReceiveAsync("event")).GetProperty("position").GetInt64());
            }

            Assert.Equal(Enumerable.Range(0, count).Select(i => positions[0] + i), positions);
        }
    }

    /// <summary>Asks for the stream and reads nothing, with as small a buffer as there is.</summary>
    private sealed class StoppedReader : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

        public StoppedReader(TestService service, Guid tenant)
        {
            _socket.Connect("127.0.0.1", service.BaseAddress.Port);
            _socket.Send(Encoding.ASCII.GetBytes($"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestAuthenticator.Token(tenant)}\r\n\r\n"));

            // The head of the answer: it is being listened to from here on.
            var head = "";
            var buffer = new byte[64];
            while (!head.Contains("id: ", StringComparison.Ordinal))
            {
                head += Encoding.ASCII.GetString(buffer, 0, _socket.Receive(buffer));
            }
        }

        public async Task<string> ReadToEndAsync()
        {
            var text = new StringBuilder();
            var buffer = new byte[64 * 1024];
            try
            {
                while (await _socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)) is > 0 and var length)
                {
                    text.Append(Encoding.ASCII.GetString(buffer, 0, length));
                }
            }
            catch (SocketException)
            {
                // Cut off.
            }

            return text.ToString();
        }

        public void Dispose() => _socket.Dispose();
    }
}
