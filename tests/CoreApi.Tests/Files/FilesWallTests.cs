using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Tests.Files;

/// <summary>Row-level security on the tables of files, for the query that forgets its filter.</summary>
public sealed class FilesWallTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    [Theory]
    [InlineData("core.file")]
    [InlineData("core.object_removal")]
    [InlineData("core.file_usage")]
    public async Task A_query_without_a_tenant_filter_sees_one_tenant_or_nothing(string table)
    {
        var tenants = new[] { Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) };
        foreach (var tenant in tenants)
        {
            using var client = fixture.Service.Client(tenant);
            await client.UploadedAsync("kept");
            using var deleted = await client.DeleteAsync("/v1/files/" + (await client.UploadedAsync("deleted")).Id);
        }

        Assert.Equal(0L, await CountAsync(table, tenant: null));
        Assert.Equal(1L, await CountAsync(table, tenants[0]));
        Assert.True(await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}") >= 2);
    }

    [Fact]
    public async Task The_secret_of_links_is_hidden_from_requests() => Assert.Equal(0L, await CountAsync("core.file_link_secret", tenant: null));

    private async Task<long> CountAsync(string table, Guid? tenant)
    {
        await using var connection = await fixture.Service.Services.GetRequiredService<CoreDatabase>().Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(tenant is { } id ? TenantScope.Set(id) : new("SELECT 1"));
        batch.BatchCommands.Add(new($"SELECT count(*) FROM {table}"));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return reader.GetInt64(0);
    }
}
