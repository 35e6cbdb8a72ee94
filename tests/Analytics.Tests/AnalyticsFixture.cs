using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Analytics;

/// <summary>The analytics service on its own database, and events on their real way to it: outbox, relay, stream, consumers.</summary>
public class AnalyticsFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;
    internal AnalyticsDatabase Database => Service.Services.GetRequiredService<AnalyticsDatabase>();

    public async Task InitializeAsync() => Service = await StartAsync();

    public async Task DisposeAsync() => await Service.DisposeAsync();

    public static Task<TestService> StartAsync(TestDatabase? database = null, string instance = "one") =>
        TestService.StartAsync("analytics", s => s.AddAnalytics(), a => a.MapAnalytics(), database,
            [("Eventing:RelayPoll", "00:00:00.050"), ("Eventing:ConsumerPoll", "00:00:00.050"), ("Eventing:Rebalance", "00:00:00.200"),
                ("Eventing:ParkedDelay", "00:00:00.100"), ("Eventing:Instance", instance)]);

    public static Guid NewTenant() => TypeId.New(TimeProvider.System);

    public static OutboxMessage Resource(
        string eventType, Guid tenant, Guid id, string data, long version = 1, string type = "note", string labels = "{}", TimeProvider? clock = null)
    {
        var name = TypeId.Format(IdPrefix.Resource, id);
        return Event(eventType, tenant, name, $$"""
            {"id":"{{name}}","type":"{{type}}","data":{{data}},"labels":{{labels}},"version":{{version}},
             "created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-0{{Math.Min(9, version)}}T00:00:00Z"}
            """, clock: clock);
    }

    public static OutboxMessage Event(string type, Guid tenant, string subject, string data, Topic? topic = null, TimeProvider? clock = null) =>
        OutboxMessage.FromJson(type, topic ?? Topics.Core, "test", tenant, subject, Encoding.UTF8.GetBytes(data), clock ?? TimeProvider.System);

    /// <summary>Commits events to the outbox, as a service would; twice the same message is what a relay does after a crash.</summary>
    public Task PublishAsync(params OutboxMessage[] messages) => Database.AppendAsync(messages);

    /// <summary>Until every group has read to the end of every topic and nothing waits in the outbox.</summary>
    public Task CaughtUpAsync() => Eventually.IsTrueAsync(async () => await Service.Database.ScalarAsync<bool>("""
        SELECT NOT EXISTS (SELECT FROM analytics.outbox) AND NOT EXISTS (
            SELECT FROM stream.partition p
            CROSS JOIN (VALUES ('analytics.usage', 'events.core'), ('analytics.usage', 'webhooks.delivery'), ('analytics.usage', 'events.analytics'),
                ('analytics.search', 'events.core')) AS g(name, topic)
            LEFT JOIN analytics.consumer_offset o ON o.consumer_group = g.name AND o.topic = p.topic AND o.partition = p.partition
            WHERE p.topic = g.topic AND p.next_offset > coalesce(o.next_offset, 0))
        """), "all consumers caught up");

    public async Task<JsonElement> GetAsync(Guid tenant, string path, int status = 200, params string[] scopes)
    {
        using var client = Service.Client(tenant, "owner", scopes);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{path}: {(int)answer.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Ids of the hits, in order.</summary>
    public async Task<string[]> SearchAsync(Guid tenant, string query) =>
        [.. (await GetAsync(tenant, "/v1/search?" + query)).GetProperty("data").EnumerateArray().Select(h => h.GetProperty("id").GetString()!)];
}
