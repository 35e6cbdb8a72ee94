using System.Net;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>Every version, and the way back to it.</summary>
public sealed class HistoryTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Fact]
    public async Task History_says_what_was_done()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync(data: """{"n":1}""", labels: """{"env":"dev"}""")).Id;
        await client.SendJsonAsync(HttpMethod.Put, path, """{"type":"order","data":{"n":2}}""");
        await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":3}}""");
        await client.DeleteAsync(path);
        using var restored = await client.RestoreAsync(path, 1);
        Assert.Equal("\"5\"", restored.Headers.ETag!.Tag);
        Assert.Equal(["restored", "deleted", "patched", "replaced", "created"], await ChangesAsync(client, path));
        var now = await client.GetDocumentAsync(path);
        Assert.Equal("""{"n":1}""", now["data"].GetRawText());
        Assert.Equal("""{"env":"dev"}""", now["labels"].GetRawText());

        var second = await client.GetDocumentAsync(path + "/history/2");
        Assert.Equal(("replaced", """{"n":2}""", "{}"), (second["change"].GetString(), second["data"].GetRawText(), second["labels"].GetRawText()));
        Assert.True((await client.GetDocumentAsync(path + "/history/4"))["deleted"].GetBoolean());
        foreach (var none in (string[])["0", "6", "x", "-1", "99999999999999999999"])
        {
            using var missing = await client.GetAsync(path + "/history/" + none);
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
    }

    [Fact]
    public async Task Pages_of_history_belong_to_one_resource()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        var other = "/v1/resources/" + (await client.CreatedAsync()).Id;
        for (var i = 0; i < 4; i++)
        {
            await client.SendJsonAsync(HttpMethod.Patch, path, $$"""{"data":{"n":{{i}} } }""");
        }

        var first = await client.GetDocumentAsync(path + "/history?limit=2");
        var cursor = first["next_cursor"].GetString();
        var second = await client.GetDocumentAsync($"{path}/history?limit=3&cursor={cursor}");
        Assert.Equal([5, 4, 3, 2, 1], first["data"].EnumerateArray().Concat(second["data"].EnumerateArray()).Select(v => v.GetProperty("version").GetInt32()));
        using var foreign = await client.GetAsync($"{other}/history?cursor={cursor}");
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
    }

    [Theory]
    [InlineData("""{"version":9}""", null, 404, "not_found")]
    [InlineData("""{"version":2}""", null, 400, "validation_failed")]
    [InlineData("""{"version":1}""", "\"1\"", 412, "version_mismatch")]
    [InlineData("""{}""", null, 400, "validation_failed")]
    [InlineData("""{"version":"1"}""", null, 400, "validation_failed")]
    [InlineData("""{"version":0}""", null, 400, "validation_failed")]
    public async Task A_restore_that_cannot_be_changes_nothing(string body, string? ifMatch, int status, string code)
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        await client.DeleteAsync(path);
        using var refused = await client.SendJsonAsync(HttpMethod.Post, path + ":restore", body, ("If-Match", ifMatch));
        Assert.Equal((status, code), ((int)refused.StatusCode, (await refused.DocumentAsync())["code"].GetString()));
        Assert.Equal(["deleted", "created"], await ChangesAsync(client, path));
    }

    [Fact]
    public async Task A_stranger_restores_nothing()
    {
        using var owner = fixture.Service.Client();
        using var stranger = fixture.Service.Client();
        var path = "/v1/resources/" + (await owner.CreatedAsync()).Id;
        await owner.DeleteAsync(path);
        using var refused = await stranger.RestoreAsync(path, 1);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(path + "/history/1")).StatusCode);
    }

    [Fact]
    public async Task The_same_restore_happens_once()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":7}}""");
        using var first = await client.SendJsonAsync(HttpMethod.Post, path + ":restore", """{"version":1}""", ("Idempotency-Key", "r"));
        using var again = await client.SendJsonAsync(HttpMethod.Post, path + ":restore", """{"version":1}""", ("Idempotency-Key", "r"));
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(["restored", "patched", "created"], await ChangesAsync(client, path));
    }

    /// <summary>What was deleted is listed with its time; what was restored is not.</summary>
    [Fact]
    public async Task Deleted_resources_are_listed()
    {
        using var client = fixture.Service.Client();
        var gone = await client.CreatedAsync(labels: """{"env":"dev"}""");
        var back = await client.CreatedAsync();
        await client.CreatedAsync();
        await client.DeleteAsync("/v1/resources/" + gone.Id);
        await client.DeleteAsync("/v1/resources/" + back.Id);
        using var restored = await client.RestoreAsync("/v1/resources/" + back.Id, 1);
        var deleted = Assert.Single((await client.GetDocumentAsync("/v1/resources?deleted=true&type=order&label=env:dev"))["data"].EnumerateArray());
        Assert.Equal((gone.Id, 2), (deleted.GetProperty("id").GetString(), deleted.GetProperty("version").GetInt32()));
        Assert.Equal(deleted.GetProperty("updated_at").GetString(), deleted.GetProperty("deleted_at").GetString());
        Assert.Equal(JsonValueKind.Null, deleted.GetProperty("data").ValueKind);
        var living = await client.GetDocumentAsync("/v1/resources");
        Assert.Equal(2, living["data"].GetArrayLength());
        Assert.DoesNotContain("deleted_at", living.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_is_an_event_of_its_own()
    {
        await using var service = await CoreApiFixture.StartAsync();
        using var client = service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        await client.DeleteAsync(path);
        using var restored = await client.RestoreAsync(path, 1);
        string[] expected = [EventTypes.ResourceCreated, EventTypes.ResourceDeleted, EventTypes.ResourceRestored];
        await Eventually.IsTrueAsync(
            async () => expected.SequenceEqual(await DeclaredEvents.CheckAsync(service.Database, Topics.Core)), "the event of the restore");
    }

    private static async Task<string[]> ChangesAsync(HttpClient client, string path) =>
        [.. (await client.GetDocumentAsync(path + "/history"))["data"].EnumerateArray().Select(v => v.GetProperty("change").GetString()!)];
}
