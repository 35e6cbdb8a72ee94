using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.CoreApi.Resources;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>What is deleted goes for good when its time is over, and not before.</summary>
public sealed class PurgeTests
{
    [Fact]
    public async Task Two_instances_purge_what_is_due_and_nothing_else()
    {
        await using var one = await CoreApiFixture.StartAsync();
        await using var two = await CoreApiFixture.StartAsync(one.Database);
        using var client = one.Client();
        var living = (await client.CreatedAsync(labels: """{"a":"1"}""")).Id;
        var recent = (await client.CreatedAsync()).Id;
        var due = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            var path = "/v1/resources/" + (await client.CreatedAsync(labels: """{"a":"1"}""")).Id;
            using var patched = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":2}}""");
            await client.DeleteAsync(path);
            due.Add(path);
        }

        await one.Database.ExecuteAsync("UPDATE core.resource SET deleted_at = now() - interval '31 days' WHERE deleted_at IS NOT NULL");
        await client.DeleteAsync("/v1/resources/" + recent);
        var purged = await Task.WhenAll(Purge(one), Purge(two), Purge(one), Purge(two));
        Assert.Equal(30, purged.Sum());
        Assert.Equal(2L, await one.Database.ScalarAsync<long>("SELECT count(*) FROM core.resource"));
        Assert.Equal(1L, await one.Database.ScalarAsync<long>("SELECT count(*) FROM core.resource_history"));
        Assert.Equal(1L, await one.Database.ScalarAsync<long>("SELECT count(*) FROM core.resource_label"));
        Assert.Equal(1, (await client.CountsAsync())["order"]);
        foreach (var path in due.Take(3))
        {
            using var restored = await client.RestoreAsync(path, 1);
            Assert.Equal(HttpStatusCode.NotFound, restored.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path + "/history")).StatusCode);
        }

        using var back = await client.RestoreAsync("/v1/resources/" + recent, 1);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/resources/" + living)).StatusCode);
        Assert.Equal(0, await Purge(one));
    }

    /// <summary>A history of more than one bite goes before its resource.</summary>
    [Fact]
    public async Task A_long_history_goes_in_bites()
    {
        await using var service = await CoreApiFixture.StartAsync();
        using var client = service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        await client.DeleteAsync(path);
        await service.Database.ExecuteAsync("""
            UPDATE core.resource SET deleted_at = now() - interval '31 days';
            INSERT INTO core.resource_history (tenant_id, id, version, data, labels, updated_at, updated_by)
            SELECT tenant_id, id, v, '{}', '{}', now(), '' FROM core.resource, generate_series(10, 12010) v
            """);
        Assert.Equal(1, await Purge(service));
        Assert.Equal(0L, await service.Database.ScalarAsync<long>("SELECT (SELECT count(*) FROM core.resource) + (SELECT count(*) FROM core.resource_history)"));
    }

    private static Task<int> Purge(TestService service) => service.Services.GetRequiredService<PurgeDeleted>().RunOnceAsync(CancellationToken.None);
}
