using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Database;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Retention;

namespace Platform.Notifications.Tests;

/// <summary>Old days go whole, and what has gathered costs nothing where it is not asked for.</summary>
public sealed class RetentionTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task A_day_that_is_over_goes_with_its_messages_deliveries_and_attempts_and_a_younger_one_stays()
    {
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:Retention", "30.00:00:00"));
        await using var receiver = await Receiver.StartAsync();
        using var client = service.Client(_tenant);
        var endpoint = await client.EndpointAsync(receiver.Url);
        Assert.True(TypeId.TryParse(IdPrefix.WebhookEndpoint, endpoint.Id, out var key));
        var now = TimeProvider.System.GetUtcNow();
        var (old, young) = (now.AddDays(-40), now.AddDays(-20));
        await AddAsync(service, key, old);
        await AddAsync(service, key, young);
        await service.Database.ExecuteAsync($"""
            INSERT INTO notifications.replay (tenant_id, id, source, until, state, created_at, finished_at) VALUES
                ('{_tenant}', gen_random_uuid(), 'deliveries', now(), 'finished', now(), now() - interval '31 days'),
                ('{_tenant}', gen_random_uuid(), 'deliveries', now(), 'finished', now(), now() - interval '29 days')
            """);
        await service.Services.GetRequiredService<DeliveryDays>().RunAsync(default);
        foreach (var table in new[] { "message", "delivery", "attempt" })
        {
            Assert.Equal(1, await service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.{table}"));
            Assert.False(await service.Database.ScalarAsync<bool>($"SELECT to_regclass('notifications.{table}_{old:yyyyMMdd}') IS NOT NULL"));
            Assert.True(await service.Database.ScalarAsync<bool>($"SELECT to_regclass('notifications.{table}_{young:yyyyMMdd}') IS NOT NULL"));
        }

        Assert.Equal(1, await service.Database.ScalarAsync<long>("SELECT count(*) FROM notifications.replay"));
        Assert.Single(await client.DeliveriesAsync(endpoint));
    }

    [Fact]
    public async Task Neither_the_claim_nor_the_list_reads_what_is_finished()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url);
        Assert.True(TypeId.TryParse(IdPrefix.WebhookEndpoint, endpoint.Id, out var key));
        await fixture.Service.Database.ExecuteAsync($"""
            INSERT INTO notifications.delivery (tenant_id, id, endpoint_id, event_id, state, finished_at)
            SELECT '{_tenant}', uuidv7(), '{key}', uuidv7(), 'succeeded', now() FROM generate_series(1, 20000);
            ANALYZE notifications.delivery
            """);
        foreach (var query in new[]
        {
            $"SELECT * FROM notifications.delivery d WHERE d.tenant_id = '{_tenant}' AND d.endpoint_id = '{key}' AND d.id < '{Guid.AllBitsSet}' ORDER BY d.id DESC LIMIT 51",
            $"SELECT * FROM notifications.delivery d WHERE d.tenant_id = '{_tenant}' AND d.endpoint_id = '{key}' AND d.id < '{Guid.AllBitsSet}' AND d.state = 'failed' ORDER BY d.id DESC LIMIT 51",
            $"SELECT * FROM notifications.delivery d WHERE d.tenant_id = '{_tenant}' AND (d.endpoint_id, d.id) > ('{Guid.Empty}', '{Guid.Empty}') AND d.state = 'failed' ORDER BY d.endpoint_id, d.id LIMIT 1000",
        })
        {
            var plan = JsonDocument.Parse(await fixture.Service.Database.ScalarAsync<string>("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query)).RootElement[0].GetProperty("Plan");
            Assert.InRange(plan.GetProperty("Shared Hit Blocks").GetInt64() + plan.GetProperty("Shared Read Blocks").GetInt64(), 1, 100);
        }
    }

    private async Task AddAsync(TestService service, Guid endpoint, DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var evt = Guid.CreateVersion7(at);
        var delivery = DeliveryId.Of(evt, endpoint);
        await service.Database.ExecuteAsync(string.Join('\n', new[] { "message", "delivery", "attempt" }.Select(table => $"""
            CREATE TABLE notifications.{table}_{day:yyyyMMdd} PARTITION OF notifications.{table}
                FOR VALUES FROM ({DayPartitions.FirstIdOf(day)}) TO ({DayPartitions.FirstIdOf(day.AddDays(1))});
            """)) + $"""
            INSERT INTO notifications.message (tenant_id, event_id, type, occurred_at, data) VALUES ('{_tenant}', '{evt}', 'resource.created', now(), '');
            INSERT INTO notifications.delivery (tenant_id, id, endpoint_id, event_id, state) VALUES ('{_tenant}', '{delivery}', '{endpoint}', '{evt}', 'succeeded');
            INSERT INTO notifications.attempt (tenant_id, delivery_id, number, at, url, duration_ms) VALUES ('{_tenant}', '{delivery}', 1, now(), '', 1);
            """);
    }
}
