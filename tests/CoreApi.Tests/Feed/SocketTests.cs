using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>The WebSocket: frames, subscriptions, and what a client can do wrong.</summary>
public sealed class SocketTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    private readonly Guid _tenant = Publishing.NewTenant();

    private TestService Service => fixture.Service;

    [Fact]
    public async Task Subscriptions_have_filters_and_places_of_their_own()
    {
        await Service.PublishAsync(_tenant, 3);
        await Service.RecordedAsync(_tenant, 3);
        using var socket = await SocketClient.OpenAsync(Service, _tenant);
        var subscribed = await socket.AskAsync("""{"type":"subscribe","id":"now","types":["job.*"]}""", "subscribed");
        Assert.Equal("""{"type":"subscribed","id":"now","position":3}""", subscribed.GetRawText());
        await socket.AskAsync("""{"type":"subscribe","id":"all \"","after":1}""", "subscribed");
        var second = await socket.ReceiveAsync("event");
        Assert.Equal(["type", "subscription", "position", "event"], second.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("all \"", 2L), (second.GetProperty("subscription").GetString(), second.GetProperty("position").GetInt64()));
        Assert.Equal(2, second.GetProperty("event").GetProperty("position").GetInt64());
        Assert.Equal(3, (await socket.ReceiveAsync("event")).GetProperty("position").GetInt64());

        await Service.PublishAsync(_tenant, 1, EventTypes.JobCreated);
        var both = new[] { await socket.ReceiveAsync("event"), await socket.ReceiveAsync("event") };
        Assert.Equal(["all \"", "now"], both.Select(e => e.GetProperty("subscription").GetString()).Order(StringComparer.Ordinal));
        Assert.All(both, e => Assert.Equal(4, e.GetProperty("position").GetInt64()));

        await socket.AskAsync("""{"type":"unsubscribe","id":"all \""}""", "unsubscribed");
        await Service.PublishAsync(_tenant, 1);
        await Service.PublishAsync(_tenant, 1, EventTypes.JobDead);
        Assert.Equal(6, (await socket.ReceiveAsync("event")).GetProperty("position").GetInt64());

        await socket.AskAsync("""{"type":"resume","id":"now","after":3}""", "subscribed");
        Assert.Equal(4, (await socket.ReceiveAsync("event")).GetProperty("position").GetInt64());
        Assert.Equal(6, (await socket.ReceiveAsync("event")).GetProperty("position").GetInt64());
        Assert.Equal("""{"type":"pong","id":"p"}""", (await socket.AskAsync("""{"type":"ping","id":"p"}""", "pong")).GetRawText());
        await socket.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.Socket.CloseStatus);
    }

    [Theory]
    [InlineData("no json", "malformed_json", null)]
    [InlineData("[1]", "validation_failed", "")]
    [InlineData("""{"id":"a"}""", "validation_failed", "/type")]
    [InlineData("""{"type":"shout","id":"a"}""", "validation_failed", "/type")]
    [InlineData("""{"type":"subscribe"}""", "validation_failed", "/id")]
    [InlineData("""{"type":"subscribe","id":"a","typo":1}""", "validation_failed", "/typo")]
    [InlineData("""{"type":"subscribe","id":"a","types":["job.*","Job"]}""", "validation_failed", "/types/1")]
    [InlineData("""{"type":"subscribe","id":"a","subjects":"x"}""", "validation_failed", "/subjects")]
    [InlineData("""{"type":"subscribe","id":"a","labels":{"a":1}}""", "validation_failed", "/labels/a")]
    [InlineData("""{"type":"subscribe","id":"a","after":1}""", "validation_failed", "/after")]
    [InlineData("""{"type":"subscribe","id":"a","after":-1}""", "validation_failed", "/after")]
    [InlineData("""{"type":"subscribe","id":"a","after":"1"}""", "validation_failed", "/after")]
    [InlineData("""{"type":"subscribe","id":"a","after":1.5}""", "validation_failed", "/after")]
    [InlineData("""{"type":"subscribe","type":"ping","id":"a"}""", "malformed_json", null)]
    [InlineData("""{"type":"resume","id":"a","after":0}""", "not_found", null)]
    [InlineData("""{"type":"resume","id":"a"}""", "validation_failed", "/after")]
    [InlineData("""{"type":"unsubscribe","id":"a"}""", "not_found", null)]
    public async Task A_frame_that_is_wrong_is_answered_and_changes_nothing(string frame, string code, string? pointer)
    {
        using var socket = await SocketClient.OpenAsync(Service, _tenant);
        var error = await socket.AskAsync(frame, "error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("detail").GetString()!);
        Assert.Equal(pointer is null ? [] : [pointer], error.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("pointer").GetString()));
        await socket.AskAsync("""{"type":"subscribe","id":"a"}""", "subscribed");
    }

    [Fact]
    public async Task There_are_so_many_subscriptions_and_no_name_twice()
    {
        using var socket = await SocketClient.OpenAsync(Service, _tenant);
        for (var i = 0; i < 32; i++)
        {
            await socket.AskAsync($$"""{"type":"subscribe","id":"{{i}}"}""", "subscribed");
        }

        var twice = await socket.AskAsync("""{"type":"subscribe","id":"3"}""", "error");
        Assert.Equal("duplicate", twice.GetProperty("errors")[0].GetProperty("code").GetString());
        var more = await socket.AskAsync("""{"type":"subscribe","id":"more"}""", "error");
        Assert.Equal("too_many", more.GetProperty("errors")[0].GetProperty("code").GetString());
        await socket.AskAsync("""{"type":"unsubscribe","id":"3"}""", "unsubscribed");
        await socket.AskAsync("""{"type":"subscribe","id":"more"}""", "subscribed");
    }

    [Fact]
    public async Task What_is_no_frame_at_all_ends_the_connection_with_its_code()
    {
        using (var socket = await SocketClient.OpenAsync(Service, _tenant))
        {
            await socket.SendAsync([0xff, 0x00, 0x13], WebSocketMessageType.Binary);
            Assert.Equal((1003, "text_frames_only"), await socket.ClosedAsync());
        }

        using (var socket = await SocketClient.OpenAsync(Service, _tenant))
        {
            await socket.SendAsync($$"""{"type":"ping","id":"{{new string('x', 64 * 1024)}}"}""");
            Assert.Equal((1009, "frame_too_large"), await socket.ClosedAsync());
        }

        using (var socket = await SocketClient.OpenAsync(Service, _tenant))
        {
            await socket.SendAsync("\"\xff\""u8.ToArray()[..2].Append((byte)0xfe).ToArray(), WebSocketMessageType.Text);
            Assert.Equal(1007, (await socket.ClosedAsync()).Status);
        }
    }

    [Fact]
    public async Task A_flood_is_ended_and_nobody_else_notices()
    {
        using var other = await SocketClient.OpenAsync(Service, _tenant);
        await other.AskAsync("""{"type":"subscribe","id":"a"}""", "subscribed");
        using var socket = await SocketClient.OpenAsync(Service, _tenant);
        var flood = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await socket.SendAsync("""{"type":"ping"}""");
                }
            }
            catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Sent away.
            }
        });
        (int Status, string Reason)? closed = null;
        try
        {
            closed = await socket.ClosedAsync();
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // Cut off before the close frame was read: it did not stop.
        }

        Assert.True(closed is null or (1008, "too_many_frames"), closed.ToString());
        await Service.PublishAsync(_tenant, 1);
        await other.ReceiveAsync("event");
        socket.Socket.Abort();
        await flood;
    }

    [Fact]
    public async Task Pages_of_other_origins_are_kept_out()
    {
        await using var service = await CoreApiFixture.StartAsync(Service.Database, settings: ("Feed:AllowedOrigins:0", "https://app.example.com"));
        foreach (var (origin, isAllowed) in new[]
        {
            ("https://evil.example", false), ("null", false), ("garbage", false), ("https://app.example.com.evil.example", false), ("http://app.example.com", false),
            ("https://app.example.com", true), ($"http://127.0.0.1:{service.BaseAddress.Port}", true), ($"http://127.0.0.1:{service.BaseAddress.Port + 1}", false),
        })
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", "Bearer " + TestAuthenticator.Token(_tenant));
            socket.Options.SetRequestHeader("Origin", origin);
            socket.Options.CollectHttpResponseDetails = true;
            try
            {
                await socket.ConnectAsync(SocketClient.Address(service), CancellationToken.None);
                Assert.True(isAllowed, origin);
            }
            catch (WebSocketException)
            {
                Assert.False(isAllowed, origin);
                Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
            }
        }
    }

    [Theory]
    [InlineData("platform.json,platform.bearer.TOKEN", 101, "platform.json")]
    [InlineData("platform.bearer.TOKEN,platform.msgpack", 101, "platform.msgpack")]
    [InlineData("platform.bearer.TOKEN", 400, null)]
    [InlineData("platform.json", 401, null)]
    [InlineData("platform.json,platform.bearer.nonsense", 401, null)]
    [InlineData("soap,platform.bearer.TOKEN", 400, null)]
    public async Task A_browser_offers_its_token_as_a_protocol(string protocols, int status, string? chosen)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;

        // The test's token has characters that a protocol's name may not have, a real one has not.
        await using var service = await FeedKeys.StartAsync();
        var key = await FeedKeys.AddAsync(service, _tenant);
        foreach (var protocol in protocols.Split(','))
        {
            socket.Options.AddSubProtocol(protocol.Replace("TOKEN", key.Text, StringComparison.Ordinal));
        }

        try
        {
            await socket.ConnectAsync(SocketClient.Address(service), CancellationToken.None);
            Assert.Equal(chosen, socket.SubProtocol);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        Assert.Equal(status, (int)socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_plain_request_is_told_to_upgrade()
    {
        using var client = Service.Client(_tenant);
        using var response = await client.GetAsync("/v1/stream");
        Assert.Equal(426, (int)response.StatusCode);
        Assert.Equal("upgrade_required", (await response.DocumentAsync())["code"].GetString());
    }
}
