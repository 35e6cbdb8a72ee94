using System.Net;
using System.Text.Json;

namespace Platform.CoreApi.Tests;

/// <summary>Lists and their cursors.</summary>
public sealed class ListTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Theory]
    [InlineData("created_at")]
    [InlineData("-created_at")]
    public async Task Pages_neither_skip_nor_repeat_while_others_write(string sort)
    {
        using var client = fixture.Service.Client();
        var before = await FillAsync(client, 60);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(i => DisturbAsync(client, before, i, stop.Token)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            var seen = await WalkAsync(client, $"sort={sort}&limit=7");
            Assert.Equal(before.Order(StringComparer.Ordinal), seen.Where(before.Contains).Order(StringComparer.Ordinal));
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Equal(sort[0] == '-' ? seen.OrderDescending(StringComparer.Ordinal) : seen.Order(StringComparer.Ordinal), seen);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    /// <summary>What changes moves to the end: upwards it is met again, downwards it may have gone by.</summary>
    [Fact]
    public async Task By_time_of_change_upwards_skips_nothing_and_downwards_repeats_nothing()
    {
        using var client = fixture.Service.Client();
        var before = await FillAsync(client, 60);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(i => DisturbAsync(client, before, i, stop.Token)).ToArray();
        for (var round = 0; round < 4; round++)
        {
            // Writers add to the end faster than a reader of small pages gets there; what was there all along is met before.
            var up = await WalkAsync(client, "sort=updated_at&limit=20", maxPages: 100, enough: seen => before.All(seen.Contains));
            Assert.Empty(before.Except(up));
            var down = await WalkAsync(client, "sort=-updated_at&limit=7", maxPages: 30);
            Assert.Equal(down.Count, down.Distinct().Count());
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(await WalkAsync(client, "sort=updated_at&limit=9"), Enumerable.Reverse(await WalkAsync(client, "sort=-updated_at&limit=11")));
    }

    [Fact]
    public async Task Filters_and_field_selection()
    {
        using var client = fixture.Service.Client();
        var invoice = await client.CreatedAsync("invoice", labels: """{"env":"prod","tier":"gold"}""");
        var wanted = await client.CreatedAsync("order", labels: """{"env":"prod","tier":"gold","a:b":"c:d"}""");
        var later = await client.CreatedAsync("order", labels: """{"env":"dev"}""");
        using var changed = await client.SendJsonAsync(HttpMethod.Patch, "/v1/resources/" + wanted.Id, """{"data":{"n":2},"labels":{"x":"y"}}""");
        var change = (await changed.DocumentAsync())["updated_at"].GetString()!;
        Assert.Equal([wanted.Id, later.Id], await IdsAsync("type=order"));
        Assert.Equal([wanted.Id], await IdsAsync("type=order&label=env:prod&label=tier:gold"));
        Assert.Equal([wanted.Id, invoice.Id], await IdsAsync("label=env:prod&label=tier&sort=-created_at"));
        Assert.Equal([invoice.Id, wanted.Id, later.Id], await IdsAsync("label=env"));
        Assert.Equal([wanted.Id], await IdsAsync("label=x:y"));
        Assert.Equal([invoice.Id, later.Id, wanted.Id], await IdsAsync("sort=updated_at&label=env"));
        Assert.Empty(await IdsAsync("label=env:none"));
        Assert.Empty(await IdsAsync("label=env:prod&label=env:dev"));
        Assert.Equal([later.Id], await IdsAsync("type=order&created_after=" + Time(wanted, "created_at")));
        Assert.Equal([invoice.Id], await IdsAsync("created_before=" + Time(wanted, "created_at")));
        Assert.Equal([wanted.Id], await IdsAsync("updated_after=" + Time(later, "updated_at")));
        Assert.Empty(await IdsAsync("updated_after=" + Uri.EscapeDataString(change)));
        foreach (var wide in (string[])["created_after=0001-01-01T00:00:01Z", "created_before=9999-12-31T23:59:59Z", "updated_after=1969-01-01T00:00:00Z"])
        {
            Assert.Equal(3, (await IdsAsync(wide)).Length);
        }

        var item = (await client.GetDocumentAsync("/v1/resources?type=invoice&fields=type,version"))["data"][0];
        Assert.Equal("""{"type":"invoice","version":1}""", item.GetRawText());

        async Task<string[]> IdsAsync(string query) => Ids(await client.GetDocumentAsync("/v1/resources?" + query));
    }

    [Theory]
    [InlineData("type=order", "type=invoice")]
    [InlineData("type=order", "")]
    [InlineData("label=a:1", "label=a:2")]
    [InlineData("label=a:1", "label=a:1&label=b")]
    [InlineData("sort=created_at", "sort=updated_at")]
    [InlineData("sort=created_at", "sort=-created_at")]
    [InlineData("created_after=2026-01-01T00:00:00Z", "created_after=2026-01-01T00:00:01Z")]
    [InlineData("", "deleted=true")]
    public async Task A_cursor_of_another_list_is_refused(string list, string other)
    {
        using var client = fixture.Service.Client();
        await client.CreatedAsync(labels: """{"a":"1","b":"2"}""");
        await client.CreatedAsync(labels: """{"a":"1","b":"2"}""");
        var cursor = (await client.GetDocumentAsync("/v1/resources?limit=1&" + list))["next_cursor"].GetString();
        Assert.NotNull(cursor);
        using var foreign = await client.GetAsync($"/v1/resources?{other}&cursor={cursor}");
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        Assert.Equal("invalid_cursor", (await foreign.DocumentAsync())["errors"][0].GetProperty("code").GetString());

        // Its own takes it, with other fields and another limit, and the filters in another order.
        Assert.Equal(1, (await client.GetDocumentAsync($"/v1/resources?limit=5&fields=id&{list}&cursor={cursor}"))["data"].GetArrayLength());
    }

    private static async Task<List<string>> FillAsync(HttpClient client, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add((await client.CreatedAsync()).Id);
        }

        return ids;
    }

    /// <summary>Creates, deletes and changes until it is told to stop.</summary>
    private static async Task DisturbAsync(HttpClient client, List<string> resources, int writer, CancellationToken stop)
    {
        for (var i = writer; !stop.IsCancellationRequested; i += 3)
        {
            using var changed = await client.SendJsonAsync(HttpMethod.Patch, "/v1/resources/" + resources[i % resources.Count], $$"""{"data":{"n":{{i}} } }""");
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            using var deleted = await client.DeleteAsync("/v1/resources/" + (await client.CreatedAsync()).Id, CancellationToken.None);
            await client.CreatedAsync("other");
        }
    }

    private static async Task<List<string>> WalkAsync(HttpClient client, string query, int maxPages = 1000, Func<List<string>, bool>? enough = null)
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetDocumentAsync($"/v1/resources?{query}{(cursor is null ? "" : "&cursor=" + cursor)}");
            seen.AddRange(Ids(page));
            cursor = page["next_cursor"].GetString();
            Assert.Equal(cursor is not null, page["has_more"].GetBoolean());
        }
        while (cursor is not null && --maxPages > 0 && enough?.Invoke(seen) != true);

        return seen;
    }

    private static string[] Ids(Document page) => [.. page["data"].EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];

    private static string Time(Document resource, string field) => Uri.EscapeDataString(resource[field].GetString()!);
}
