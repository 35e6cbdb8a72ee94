using Microsoft.Extensions.DependencyInjection;
using Platform.CoreApi.Resources;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>Counts are the truth at any moment, and nobody waits for them.</summary>
public sealed class CountTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    private const string Wrong = """
        SELECT count(*) FROM (
            SELECT tenant_id, type, sum(n) FROM (
                SELECT tenant_id, type, count AS n FROM core.resource_count UNION ALL SELECT tenant_id, type, delta FROM core.resource_count_delta
                UNION ALL SELECT tenant_id, type, -count(*) FROM core.resource WHERE deleted_at IS NULL GROUP BY 1, 2) parts
            GROUP BY 1, 2 HAVING sum(n) <> 0) wrong
        """;

    [Fact]
    public async Task Sixty_four_writers_and_the_count_is_the_truth()
    {
        using var client = fixture.Service.Client();
        var folding = new CancellationTokenSource();
        var counts = fixture.Service.Services.GetRequiredService<ResourceCounts>();
        var folder = Task.Run(async () =>
        {
            while (!folding.IsCancellationRequested)
            {
                await counts.FoldAsync(CancellationToken.None);
                Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>(Wrong));
            }
        });
        var living = await Task.WhenAll(Enumerable.Range(0, 64).Select(async writer =>
        {
            var mine = 0;
            for (var i = 0; i < 6; i++)
            {
                var id = (await client.CreatedAsync("order")).Id;
                mine++;
                if ((writer + i) % 3 == 0)
                {
                    await client.DeleteAsync("/v1/resources/" + id);
                    mine--;
                    if (i % 2 == 0)
                    {
                        using var restored = await client.RestoreAsync("/v1/resources/" + id, 1);
                        Assert.True(restored.IsSuccessStatusCode);
                        mine++;
                    }
                }
            }

            return mine;
        }));
        await folding.CancelAsync();
        await folder;
        Assert.Equal(living.Sum(), (await client.CountsAsync())["order"]);
        await counts.FoldAsync(CancellationToken.None);
        Assert.Equal(living.Sum(), (await client.CountsAsync())["order"]);
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>(Wrong));
        folding.Dispose();
    }

    [Fact]
    public async Task Types_in_use_are_listed_by_name_with_pages()
    {
        using var client = fixture.Service.Client();
        foreach (var type in (string[])["b", "a", "c", "a"])
        {
            await client.CreatedAsync(type);
        }

        var gone = await client.CreatedAsync("gone");
        await client.DeleteAsync("/v1/resources/" + gone.Id);
        using var stranger = fixture.Service.Client();
        Assert.Empty(await stranger.CountsAsync());
        Assert.Equal(new Dictionary<string, long> { ["a"] = 2, ["b"] = 1, ["c"] = 1 }, await client.CountsAsync());
        var first = await client.GetDocumentAsync("/v1/resource-types?limit=2");
        var rest = await client.GetDocumentAsync("/v1/resource-types?limit=2&cursor=" + first["next_cursor"].GetString());
        Assert.Equal("c", Assert.Single(rest["data"].EnumerateArray()).GetProperty("type").GetString());
        Assert.Equal(2, (await client.GetDocumentAsync("/v1/resource-types/a"))["count"].GetInt64());
        Assert.Equal(404, (int)(await client.GetAsync("/v1/resource-types/gone")).StatusCode);
        Assert.Equal(404, (int)(await stranger.GetAsync("/v1/resource-types/a")).StatusCode);
    }

    /// <summary>An instance of the version before this one writes during an update, and does not count.</summary>
    [Fact]
    public async Task What_was_written_without_counting_is_found()
    {
        await using var service = await CoreApiFixture.StartAsync();
        using var client = service.Client();
        await client.CreatedAsync("order");
        await service.Database.ExecuteAsync("""
            INSERT INTO core.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by)
            SELECT tenant_id, gen_random_uuid(), t, '{}', '{}', 1, now(), now(), '' FROM core.resource, (VALUES ('order'), ('other')) v(t)
            """);
        var counts = service.Services.GetRequiredService<ResourceCounts>();
        await Eventually.IsTrueAsync(async () => await counts.RecountAsync(CancellationToken.None) == 2, "two wrong counts");
        Assert.Equal(new Dictionary<string, long> { ["order"] = 2, ["other"] = 1 }, await client.CountsAsync());
        Assert.Equal(0, await counts.RecountAsync(CancellationToken.None));
    }
}
