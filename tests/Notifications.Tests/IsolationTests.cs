using System.Diagnostics;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Notifications.Deliveries;
using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>A slow receiver slows nobody else.</summary>
public sealed class IsolationTests
{
    [Fact]
    public async Task One_hanging_endpoint_delays_no_other_and_gets_no_more_than_its_places()
    {
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:Timeout", "00:00:10"), ("Webhooks:Concurrency", "64"));
        await using var hanging = await Receiver.StartAsync();
        hanging.Answer = (_, _) => hanging.Forever;
        await using var quick = await Receiver.StartAsync();
        var (slow, fast) = (Calls.NewTenant(), Calls.NewTenant());
        await service.Client(slow).EndpointAsync(hanging.Url);
        var endpoint = await service.Client(fast).EndpointAsync(quick.Url);

        // Far more than all slots of the process.
        await service.AppendAsync([.. Enumerable.Range(0, 500).Select(_ => Event(slow))]);
        await hanging.WaitAsync(8);
        for (var i = 0; i < 20; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await service.PublishAsync(fast);
            await quick.WaitAsync(i + 1, TimeSpan.FromSeconds(5));
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3));
        }

        Assert.Equal(8, hanging.All.Count);

        // What waits for it is penalised for nothing and still there.
        Assert.Equal(0L, await service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.delivery WHERE tenant_id = '{slow}' AND attempts > 1"));
        Assert.Equal(500L, await service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.work_item WHERE tenant_id = '{slow}'"));
        Assert.Equal(20, (await service.Client(fast).DeliveriesAsync(endpoint)).Length);
    }

    [Fact]
    public async Task A_burst_for_one_endpoint_is_delivered_whole()
    {
        await using var service = await NotificationsFixture.StartAsync();
        await using var receiver = await Receiver.StartAsync((_, _) => Task.Delay(5));
        var tenant = Calls.NewTenant();
        await service.Client(tenant).EndpointAsync(receiver.Url);
        await service.AppendAsync([.. Enumerable.Range(0, 2000).Select(_ => Event(tenant))]);
        await receiver.WaitAsync(2000, TimeSpan.FromSeconds(60));
        Assert.Equal(2000, receiver.All.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_rate_limit_holds()
    {
        await using var service = await NotificationsFixture.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var tenant = Calls.NewTenant();
        await service.Client(tenant).EndpointAsync(receiver.Url, ""","rate_limit":20""");
        var started = Stopwatch.GetTimestamp();
        await service.AppendAsync([.. Enumerable.Range(0, 41).Select(_ => Event(tenant))]);
        await receiver.WaitAsync(41);

        // Never quicker than the rate; how much slower is a matter of the machine.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task A_lane_gives_its_places_in_turn_and_sends_away_who_would_wait_long()
    {
        var lanes = new EndpointLanes(new() { EndpointConcurrency = 2, Concurrency = 40 }, TimeProvider.System);
        var endpoint = Calls.NewTenant();
        var first = await lanes.EnterAsync(endpoint, null, default);
        var second = await lanes.EnterAsync(endpoint, null, default);
        Assert.NotNull(first.Lane);
        Assert.NotNull(second.Lane);

        var third = lanes.EnterAsync(endpoint, null, default).AsTask();
        Assert.False(third.IsCompleted);
        lanes.Leave(endpoint, first);
        Assert.NotNull((await third).Lane);

        // Nobody leaves: who waits loses patience and is sent away, one after the other.
        var waiting = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => lanes.EnterAsync(endpoint, null, default).AsTask()));
        Assert.All(waiting, w => Assert.Null(w.Lane));
        Assert.All(waiting, w => Assert.InRange(w.StayAway, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(2)));
        Assert.True(waiting.Select(w => w.StayAway).Distinct().Count() > 40);

        // Known to hang by now: sent away without waiting.
        var hung = lanes.EnterAsync(endpoint, null, default);
        Assert.True(hung.IsCompleted);
        Assert.Null((await hung).Lane);

        lanes.Leave(endpoint, second);
        lanes.Leave(endpoint, await third);
        Assert.NotNull((await lanes.EnterAsync(endpoint, null, default)).Lane);
    }

    [Fact]
    public async Task Who_is_cancelled_while_waiting_takes_no_place()
    {
        var lanes = new EndpointLanes(new() { EndpointConcurrency = 1 }, TimeProvider.System);
        var endpoint = Calls.NewTenant();
        var holder = await lanes.EnterAsync(endpoint, null, default);
        using var cancel = new CancellationTokenSource();
        var waiting = lanes.EnterAsync(endpoint, null, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        lanes.Leave(endpoint, holder);
        var next = lanes.EnterAsync(endpoint, null, default);
        Assert.True(next.IsCompleted);
        Assert.NotNull((await next).Lane);
    }

    private static OutboxMessage Event(Guid tenant) =>
        OutboxMessage.FromJson(EventTypes.ResourceCreated, Topics.Core, "core", tenant, "res_1", "{}"u8.ToArray(), TimeProvider.System);
}
