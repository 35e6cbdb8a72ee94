using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.ServiceDefaults.Idempotency;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>Row-level security: the second wall, for the query that forgets its filter.</summary>
public sealed class TenantWallTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Theory]
    [InlineData("core.resource")]
    [InlineData("core.resource_history")]
    [InlineData("core.idempotency")]
    [InlineData("core.resource_label")]
    [InlineData("core.type_definition")]
    public async Task A_query_without_a_tenant_filter_sees_one_tenant_or_nothing(string table)
    {
        var tenant = await FillAsync(fixture.Service);
        await FillAsync(fixture.Service);
        var database = fixture.Service.Services.GetRequiredService<CoreDatabase>();
        Assert.Equal(0L, await CountAsync(database, table, tenant: null));
        Assert.Equal(1L, await CountAsync(database, table, tenant));
        Assert.True(await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}") >= 2);
    }

    [Fact]
    public async Task Every_table_of_tenants_has_the_wall()
    {
        const string Without = """
            SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relnamespace = 'core'::regnamespace AND c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
            """;
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>(Without));
    }

    [Fact]
    public async Task A_tenant_cannot_write_rows_of_another()
    {
        var database = fixture.Service.Services.GetRequiredService<CoreDatabase>();
        await using var connection = await database.Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(Guid.CreateVersion7(TimeProvider.System.GetUtcNow())));
        batch.BatchCommands.Add(new($"""
            INSERT INTO core.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by)
            VALUES (gen_random_uuid(), gen_random_uuid(), 'a', '1', '1', 1, now(), now(), '')
            """));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync());
        Assert.Equal("42501", refused.SqlState);
    }

    [Fact]
    public async Task The_wall_stands_where_the_login_role_is_a_superuser()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var service = await CoreApiFixture.StartAsync(database with { ConnectionString = database.AdminConnectionString });
        var tenant = await FillAsync(service);
        await FillAsync(service);
        var core = service.Services.GetRequiredService<CoreDatabase>();
        Assert.Equal(0L, await CountAsync(core, "core.resource", tenant: null));
        Assert.Equal(1L, await CountAsync(core, "core.resource", tenant));
    }

    private static async Task<Guid> FillAsync(TestService service)
    {
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var client = service.Client(tenant);
        using var created = await client.CreateAsync("""{"type":"order","data":{},"labels":{"a":"b"}}""", "k");
        using var type = await client.SaveTypeAsync("order", "{}");
        var path = created.Headers.Location!.ToString();
        using var changed = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":1}}""");
        Assert.True(changed.IsSuccessStatusCode);
        return tenant;
    }

    private static async Task<long> CountAsync(CoreDatabase database, string table, Guid? tenant)
    {
        await using var connection = await database.Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(tenant is { } id ? TenantScope.Set(id) : new("SELECT 1"));
        batch.BatchCommands.Add(new($"SELECT count(*) FROM {table}"));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return reader.GetInt64(0);
    }
}
