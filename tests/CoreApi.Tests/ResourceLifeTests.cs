using System.Net;
using System.Text.Json;

namespace Platform.CoreApi.Tests;

/// <summary>A resource from its creation to its deletion.</summary>
public sealed class ResourceLifeTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Fact]
    public async Task What_is_created_can_be_read_at_its_location()
    {
        using var client = fixture.Service.Client();
        using var created = await client.CreateAsync("""{ "type": "order", "data": {"b": 1, "a": "ü<&>"}, "labels": {"env": "prod", "a": "x"} }""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("\"1\"", created.Headers.ETag!.Tag);
        var document = await created.DocumentAsync();
        Assert.Equal($"/v1/resources/{document.Id}", created.Headers.Location!.ToString());
        Assert.StartsWith("res_", document.Id, StringComparison.Ordinal);
        Assert.Equal("""{"b":1,"a":"ü<&>"}""", document["data"].GetRawText());
        Assert.Equal(document["created_at"].GetString(), document["updated_at"].GetString());

        using var read = await client.GetAsync(created.Headers.Location);
        Assert.Equal(document.Text, await read.Content.ReadAsStringAsync());
        Assert.Equal("\"1\"", read.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task A_known_version_is_not_sent_again()
    {
        using var client = fixture.Service.Client();
        var resource = await client.CreatedAsync();
        using var same = await client.SendJsonAsync(HttpMethod.Get, "/v1/resources/" + resource.Id, null, ("If-None-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var other = await client.SendJsonAsync(HttpMethod.Get, "/v1/resources/" + resource.Id, null, ("If-None-Match", "\"2\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Replace_patch_and_delete_make_versions_that_history_shows()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync(data: """{"n":1,"gone":true}""", labels: """{"env":"dev"}""")).Id;
        using var replaced = await client.SendJsonAsync(HttpMethod.Put, path, """{"type":"order","data":{"n":2,"gone":true}}""", ("If-Match", "\"1\""));
        Assert.Equal("\"2\"", replaced.Headers.ETag!.Tag);
        using var patched = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"gone":null,"deep":{"a":1}},"labels":{"tier":"gold"}}""");
        Assert.Equal("""{"n":2,"deep":{"a":1}}""", (await patched.DocumentAsync())["data"].GetRawText());
        using var deleted = await client.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync(path)).StatusCode);

        var history = (await client.GetDocumentAsync(path + "/history"))["data"].EnumerateArray().ToArray();
        Assert.Equal([4, 3, 2, 1], history.Select(v => v.GetProperty("version").GetInt32()));
        Assert.Equal([true, false, false, false], history.Select(v => v.GetProperty("deleted").GetBoolean()));
        Assert.Equal("""{"n":1,"gone":true}""", history[3].GetProperty("data").GetRawText());
        Assert.Equal("""{"env":"dev"}""", history[3].GetProperty("labels").GetRawText());
        Assert.Equal("""{"tier":"gold"}""", history[1].GetProperty("labels").GetRawText());
        Assert.All(history, v => Assert.StartsWith("key_", v.GetProperty("updated_by").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stale_version_changes_nothing()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        using var first = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":2}}""", ("If-Match", "\"1\""));
        using var stale = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":3}}""", ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        Assert.Equal("version_mismatch", (await stale.DocumentAsync())["code"].GetString());
        Assert.Equal("""{"n":2}""", (await client.GetDocumentAsync(path))["data"].GetRawText());
    }

    [Fact]
    public async Task Another_tenants_resource_is_not_there_for_any_method()
    {
        using var owner = fixture.Service.Client();
        using var stranger = fixture.Service.Client();
        var path = "/v1/resources/" + (await owner.CreatedAsync()).Id;
        var missing = "/v1/resources/res_01h455vb4pex5vsknk084sn02q";
        foreach (var (method, body) in new (HttpMethod, string?)[]
        {
            (HttpMethod.Get, null), (HttpMethod.Put, """{"type":"order","data":{}}"""), (HttpMethod.Patch, """{"data":{}}"""), (HttpMethod.Delete, null),
        })
        {
            using var theirs = await stranger.SendJsonAsync(method, path, body);
            using var none = await stranger.SendJsonAsync(method, missing, body);
            Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
            Assert.Equal(WithoutRequestId(await none.DocumentAsync()), WithoutRequestId(await theirs.DocumentAsync()));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(path + "/history")).StatusCode);
        Assert.Equal(0, (await stranger.GetDocumentAsync("/v1/resources"))["data"].GetArrayLength());
        Assert.Equal(1, (await owner.GetDocumentAsync(path))["version"].GetInt32());
    }

    private static string WithoutRequestId(Document document) =>
        string.Join('|', document.Json.EnumerateObject().Where(p => p.Name != "request_id").Select(p => p.ToString()));

    /// <summary>Beyond the basic plane: four bytes as sent, twelve as stored.</summary>
    [Fact]
    public async Task What_a_create_takes_a_patch_takes_and_no_more()
    {
        using var client = fixture.Service.Client();
        var smiles = string.Concat(Enumerable.Repeat("\U0001F600", 200_000));
        var path = "/v1/resources/" + (await client.CreatedAsync(data: $$"""{"s":"{{smiles}}"}""")).Id;
        using var small = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":1}}""");
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        using var large = await client.SendJsonAsync(HttpMethod.Patch, path, $$"""{"data":{"t":"{{smiles}}"} }""");
        Assert.Equal(HttpStatusCode.BadRequest, large.StatusCode);
        Assert.Equal("too_large", (await large.DocumentAsync())["errors"][0].GetProperty("code").GetString());
    }
}
