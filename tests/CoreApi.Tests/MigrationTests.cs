using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>A database of the first release becomes one of this.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task What_was_there_has_labels_counts_and_a_history_that_says_what_is_known()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString + ";Options=-c platform.scope=system"))
        {
            var all = MigrationSet.FromAssembly("core", typeof(CoreDatabase).Assembly, "Migrations");
            await Migrator.ApplyAsync(source, "core", [all with { Files = [.. all.Files.Where(f => f.Number == 1)] }], CancellationToken.None);
        }

        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await database.ExecuteAsync($$"""
            INSERT INTO core.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by, deleted_at)
            SELECT '{{tenant}}', uuidv7(), type, '{"n":1}', labels::jsonb, version, now(), now(), 'key_x', deleted
            FROM (VALUES ('order', '{"env":"prod"}', 1, NULL), ('order', '{}', 2, NULL), ('invoice', '{}', 1, NULL), ('order', '{}', 2, now())) AS r(type, labels, version, deleted);
            INSERT INTO core.resource_history (tenant_id, id, version, data, labels, updated_at, updated_by)
            SELECT tenant_id, id, 1, '{"n":0}', '{}', now(), 'key_x' FROM core.resource WHERE version = 2
            """);

        await using var service = await CoreApiFixture.StartAsync(database);
        using var client = service.Client(tenant);
        Assert.Equal(new Dictionary<string, long> { ["order"] = 2, ["invoice"] = 1 }, await client.CountsAsync());
        Assert.Equal(1, (await client.GetDocumentAsync("/v1/resources?label=env:prod"))["data"].GetArrayLength());
        var changed = (await client.GetDocumentAsync("/v1/resources?type=order&sort=-created_at&limit=1"))["data"][0].GetProperty("id").GetString();
        Assert.Equal(["updated", "created"], await ChangesAsync(client, changed!));
        var deleted = (await client.GetDocumentAsync("/v1/resources?deleted=true"))["data"][0].GetProperty("id").GetString();
        using var restored = await client.RestoreAsync("/v1/resources/" + deleted, 1);
        Assert.True(restored.IsSuccessStatusCode);
        Assert.Equal(["restored", "deleted", "created"], await ChangesAsync(client, deleted!));
        Assert.Equal(3, (await client.CountsAsync())["order"]);
    }

    private static async Task<string[]> ChangesAsync(HttpClient client, string id) =>
        [.. (await client.GetDocumentAsync($"/v1/resources/{id}/history"))["data"].EnumerateArray().Select(v => v.GetProperty("change").GetString()!)];
}
