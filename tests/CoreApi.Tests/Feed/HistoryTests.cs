using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Events;
using Platform.CoreApi.Feed;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>What was, is no more, or is only now being written: floors, gaps and the seam between table and memory.</summary>
public sealed class HistoryTests
{
    [Fact]
    public async Task Days_go_and_whoever_was_there_is_told()
    {
        await using var service = await CoreApiFixture.StartAsync();
        var tenant = Publishing.NewTenant();
        var untouched = Publishing.NewTenant();
        using var client = service.Client(tenant);
        await service.PublishAsync(tenant, 6);
        await service.PublishAsync(untouched, 1);
        await service.RecordedAsync(tenant, 6);
        await service.RecordedAsync(untouched, 1);
        var old = (await client.GetDocumentAsync("/v1/events?limit=1"))["data"][0].GetProperty("id").GetString();

        // The first four become old: into a day of their own, as they would have come.
        await service.Database.ExecuteAsync($"""
            CREATE TABLE core.feed_event_20260101 (LIKE core.feed_event INCLUDING ALL);
            WITH moved AS (DELETE FROM core.feed_event WHERE tenant_id = '{tenant}' AND position <= 4 RETURNING *)
            INSERT INTO core.feed_event_20260101 SELECT tenant_id, position, event_id, type, subject, labels, occurred_at, '2026-01-01T12:00:00Z', data FROM moved;
            ALTER TABLE core.feed_event ATTACH PARTITION core.feed_event_20260101 FOR VALUES FROM ('2026-01-01T00:00:00Z') TO ('2026-01-02T00:00:00Z');
            ALTER TABLE core.feed_event_20260101 OWNER TO platform;
            """);
        Assert.Equal(6, (await client.GetDocumentAsync("/v1/events"))["data"].GetArrayLength());
        await service.Services.GetRequiredService<FeedDays>().RunAsync(CancellationToken.None);
        Assert.Equal(0, await service.Database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'feed_event_20260101'"));

        using (var resumed = await SseClient.OpenAsync(client, lastEventId: "2"))
        {
            var events = await resumed.ReadAsync(3);
            Assert.Equal(("gap", """{"from":3,"to":4,"reason":"expired","position":4}""", 4L), (events[0].Type, events[0].Data, events[0].Position));
            Assert.Equal([5, 6], events[1..].Select(e => e.Position));
        }

        using (var all = await SseClient.OpenAsync(client, "?after=0"))
        {
            Assert.Equal([5, 6], (await all.ReadAsync(2)).Select(e => e.Position));
        }

        using (var socket = await SocketClient.OpenAsync(service, tenant))
        {
            await socket.AskAsync("""{"type":"subscribe","id":"s","after":1}""", "subscribed");
            Assert.Equal("""{"type":"gap","subscription":"s","from":2,"to":4,"reason":"expired","position":4}""", (await socket.ReceiveAsync("gap")).GetRawText());
            Assert.Equal(5, (await socket.ReceiveAsync("event")).GetProperty("position").GetInt64());
        }

        using var gone = await client.GetAsync("/v1/events?after=2");
        Assert.Equal(410, (int)gone.StatusCode);
        Assert.Equal("events_expired", (await gone.DocumentAsync())["code"].GetString());
        Assert.Equal(2, (await client.GetDocumentAsync("/v1/events?after=4"))["data"].GetArrayLength());
        Assert.Equal(2, (await client.GetDocumentAsync("/v1/events"))["data"].GetArrayLength());
        using var missing = await client.GetAsync("/v1/events/" + old);
        Assert.Equal(404, (int)missing.StatusCode);
        using var stranger = service.Client(untouched);
        Assert.Equal(1, (await stranger.GetDocumentAsync("/v1/events?after=0"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task The_seam_between_table_and_memory_neither_loses_nor_repeats()
    {
        // Memory is so short that clients fall out of it all the time, while events keep coming.
        const int count = 3000;
        await using var service = await CoreApiFixture.StartAsync(settings: ("Feed:RecentEvents", "16"));
        var tenant = Publishing.NewTenant();
        using var client = service.Client(tenant);
        await service.PublishAsync(tenant, 500);
        await service.RecordedAsync(tenant, 500);
        var clients = Enumerable.Range(0, 12).Select(async i =>
        {
            using var stream = await SseClient.OpenAsync(client, $"?after={i * 40}");
            var events = await stream.ReadAsync(count - (i * 40));
            Assert.Equal(Enumerable.Range((i * 40) + 1, events.Count).Select(p => (long)p), events.Select(e => e.Position));
            AssertOrderOfSubjects(events.Select(e => (e.Json.GetProperty("subject").GetString()!, e.Json.GetProperty("data").GetProperty("n").GetInt32())));
        }).ToArray();
        for (var first = 500; first < count; first += 100)
        {
            await service.PublishAsync(tenant, 100, first: first);
        }

        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task Two_instances_give_every_client_every_event_once_and_in_order()
    {
        const int count = 1200;
        await using var first = await CoreApiFixture.StartAsync();
        await using var second = await CoreApiFixture.StartAsync(first.Database);
        var tenants = Enumerable.Range(0, 3).Select(_ => Publishing.NewTenant()).ToArray();
        var reading = new List<Task>();
        foreach (var (service, tenant) in new[] { first, second }.SelectMany(_ => tenants, (s, t) => (s, t)))
        {
            var stream = await SseClient.OpenAsync(service.Client(tenant));
            reading.Add(Task.Run(async () =>
            {
                using (stream)
                {
                    var events = await stream.ReadAsync(count);
                    Assert.Equal(Enumerable.Range(1, count).Select(p => (long)p), events.Select(e => e.Position));
                    Assert.Equal(count, events.Select(e => e.Json.GetProperty("id").GetString()).Distinct().Count());
                    AssertOrderOfSubjects(events.Select(e => (e.Json.GetProperty("subject").GetString()!, e.Json.GetProperty("data").GetProperty("n").GetInt32())));
                }
            }));
        }

        for (var i = 0; i < count; i += 100)
        {
            await Task.WhenAll(tenants.Select((tenant, t) => (t % 2 == 0 ? first : second).PublishAsync(tenant, 100, first: i, subjects: 20)));
        }

        await Task.WhenAll(reading);
    }

    [Fact]
    public async Task A_database_that_was_set_back_is_a_gap_and_goes_on()
    {
        await using var service = await CoreApiFixture.StartAsync();
        var tenant = Publishing.NewTenant();
        using var client = service.Client(tenant);
        await service.PublishAsync(tenant, 5);
        await service.RecordedAsync(tenant, 5);
        using var stream = await SseClient.OpenAsync(client);
        await service.Database.ExecuteAsync($"DELETE FROM core.feed_event WHERE tenant_id = '{tenant}' AND position > 3; UPDATE core.feed_head SET position = 3 WHERE tenant_id = '{tenant}'");
        var gap = (await stream.ReadAsync())!;
        Assert.Equal(("gap", 3L), (gap.Type, gap.Position));
        await service.PublishAsync(tenant, 1, first: 5);
        Assert.Equal(4, (await stream.ReadAsync())!.Position);
    }

    [Fact]
    public async Task An_event_that_the_stream_says_twice_is_in_the_feed_once()
    {
        await using var service = await CoreApiFixture.StartAsync();
        var tenant = Publishing.NewTenant();
        var message = Platform.Eventing.Outbox.OutboxMessage.FromJson(EventTypes.JobCreated, Topics.Core, "core", tenant, "a", "{}"u8.ToArray(), TimeProvider.System);
        await service.PublishAsync([message]);
        await service.RecordedAsync(tenant, 1);
        await service.PublishAsync([message]);
        await service.PublishAsync(tenant, EventTypes.JobDead, "a", "{}");
        await service.RecordedAsync(tenant, 2);
        using var client = service.Client(tenant);
        var list = await client.GetDocumentAsync("/v1/events");
        Assert.Equal([EventTypes.JobCreated, EventTypes.JobDead], list["data"].EnumerateArray().Select(e => e.GetProperty("type").GetString()));
    }

    internal static void AssertOrderOfSubjects(IEnumerable<(string Subject, int N)> events)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (subject, n) in events)
        {
            Assert.True(n > last.GetValueOrDefault(subject, -1), $"{subject}: {n} after {last.GetValueOrDefault(subject, -1)}");
            last[subject] = n;
        }
    }
}
