using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Notifications.Tests;

/// <summary>Row-level security: the second wall, for the query that forgets its filter.</summary>
public sealed class TenantWallTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    [Fact]
    public async Task A_query_without_a_tenant_filter_sees_one_tenant_or_nothing()
    {
        await using var receiver = await Receiver.StartAsync();
        var tenants = new[] { Calls.NewTenant(), Calls.NewTenant() };
        foreach (var tenant in tenants)
        {
            using var client = fixture.Service.Client(tenant);
            var endpoint = await client.EndpointAsync(receiver.Url);
            await fixture.Service.PublishAsync(tenant);
            await client.DeliveryAsync(endpoint, "succeeded");
        }

        foreach (var table in (string[])["endpoint", "message", "delivery", "attempt"])
        {
            Assert.Equal(0L, await CountAsync(table, tenant: null));
            Assert.Equal(1L, await CountAsync(table, tenants[0]));
            Assert.Equal(2L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.{table}"));
        }
    }

    private async Task<long> CountAsync(string table, Guid? tenant)
    {
        var database = fixture.Service.Services.GetRequiredService<NotificationsDatabase>();
        await using var connection = await database.Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(tenant is { } id ? TenantScope.Set(id) : new("SELECT 1"));
        batch.BatchCommands.Add(new($"SELECT count(*) FROM notifications.{table}"));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return reader.GetInt64(0);
    }
}
