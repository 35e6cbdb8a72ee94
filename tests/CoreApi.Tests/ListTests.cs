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
        var before = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            before.Add((await client.CreatedAsync()).Id);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetDocumentAsync($"/v1/resources?limit=7&sort={sort}{(cursor is null ? "" : "&cursor=" + cursor)}");
            seen.AddRange(page["data"].EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
            cursor = page["next_cursor"].GetString();
            Assert.Equal(cursor is not null, page["has_more"].GetBoolean());
            await client.CreatedAsync();
            using var deleted = await client.DeleteAsync("/v1/resources/" + (await client.CreatedAsync()).Id);
        }
        while (cursor is not null);

        Assert.Equal(before.Order(StringComparer.Ordinal), seen.Where(before.Contains).Order(StringComparer.Ordinal));
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Filters_and_field_selection()
    {
        using var client = fixture.Service.Client();
        await client.CreatedAsync("invoice", labels: """{"env":"prod","tier":"gold"}""");
        var wanted = await client.CreatedAsync("order", labels: """{"env":"prod","tier":"gold"}""");
        var later = await client.CreatedAsync("order", labels: """{"env":"dev"}""");
        Assert.Equal([wanted.Id, later.Id], await IdsAsync("type=order"));
        Assert.Equal([wanted.Id], await IdsAsync("type=order&label=env:prod&label=tier:gold"));
        Assert.Empty(await IdsAsync("label=env:none"));
        Assert.Equal([later.Id], await IdsAsync("type=order&created_after=" + Uri.EscapeDataString(wanted["created_at"].GetString()!)));
        var item = (await client.GetDocumentAsync("/v1/resources?type=invoice&fields=type,version"))["data"][0];
        Assert.Equal("""{"type":"invoice","version":1}""", item.GetRawText());

        async Task<string[]> IdsAsync(string query) =>
            [.. (await client.GetDocumentAsync("/v1/resources?" + query))["data"].EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];
    }
}
