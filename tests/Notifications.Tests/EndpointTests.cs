using System.Net;
using System.Text.Json;

namespace Platform.Notifications.Tests;

/// <summary>The life of an endpoint as its owner sees it.</summary>
public sealed class EndpointTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private const string Path = "/v1/webhook-endpoints";
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task It_is_created_with_a_secret_that_is_not_shown_again()
    {
        using var response = await Client.SendJsonAsync(HttpMethod.Post, Path, """
            {"url":"https://example.com/hook?a=b","event_types":["resource.*","job.dead"],"labels":{"env":"prod"},"description":"mine",
             "rate_limit":10,"headers":{"X-Token":"t"}}
            """);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var created = await response.DocumentAsync();
        Assert.Equal($"{Path}/{created.Id}", response.Headers.Location!.ToString());
        Assert.Equal("\"1\"", response.Headers.ETag!.Tag);
        Assert.StartsWith("whe_", created.Id, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(created["secret"].GetString()!["whsec_".Length..]).Length);

        var read = await Client.GetDocumentAsync($"{Path}/{created.Id}");
        Assert.False(read.Json.TryGetProperty("secret", out _));
        Assert.Equal("https://example.com/hook?a=b", read["url"].GetString());
        Assert.Equal("""["resource.*","job.dead"]""", read["event_types"].GetRawText());
        Assert.Equal("""{"env":"prod"}""", read["labels"].GetRawText());
        Assert.Equal("""{"X-Token":"t"}""", read["headers"].GetRawText());
        Assert.Equal("mine", read["description"].GetString());
        Assert.Equal(10, read["rate_limit"].GetInt32());
        Assert.False(read["disabled"].GetBoolean());
        var listed = (await Client.GetDocumentAsync(Path))["data"].EnumerateArray().Single();
        Assert.Equal(read.Text, listed.GetRawText());
    }

    [Fact]
    public async Task The_same_request_makes_one_endpoint()
    {
        using var first = await Client.SendJsonAsync(HttpMethod.Post, Path, """{"url":"https://example.com"}""", ("Idempotency-Key", "k"));
        using var again = await Client.SendJsonAsync(HttpMethod.Post, Path, """{"url":"https://example.com"}""", ("Idempotency-Key", "k"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(1, (await Client.GetDocumentAsync(Path))["data"].GetArrayLength());
    }

    [Fact]
    public async Task A_merge_patch_changes_what_it_names()
    {
        var endpoint = await Client.EndpointAsync("https://example.com", ""","labels":{"a":"1","b":"2"},"description":"x","event_types":["job.dead"]""");
        using var patched = await Client.SendJsonAsync(HttpMethod.Patch, $"{Path}/{endpoint.Id}",
            """{"labels":{"a":null,"c":"3"},"description":null,"disabled":true,"event_types":null}""", ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        Assert.Equal("\"2\"", patched.Headers.ETag!.Tag);
        var changed = await patched.DocumentAsync();
        Assert.Equal("""{"b":"2","c":"3"}""", changed["labels"].GetRawText());
        Assert.Equal(JsonValueKind.Null, changed["description"].ValueKind);
        Assert.Equal("""["*"]""", changed["event_types"].GetRawText());
        Assert.Equal("https://example.com", changed["url"].GetString());
        Assert.Equal("manual", changed["disabled_reason"].GetString());
        Assert.Equal(changed.Text, (await Client.GetDocumentAsync($"{Path}/{endpoint.Id}")).Text);

        using var stale = await Client.SendJsonAsync(HttpMethod.Patch, $"{Path}/{endpoint.Id}", """{"description":"y"}""", ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        Assert.Equal("version_mismatch", (await stale.DocumentAsync())["code"].GetString());

        using var unchanged = await Client.SendJsonAsync(HttpMethod.Get, $"{Path}/{endpoint.Id}", null, ("If-None-Match", "\"2\""));
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory]
    [InlineData("""{"url":null}""", "/url required")]
    [InlineData("""{"url":"ftp://x"}""", "/url invalid_url")]
    [InlineData("""{"secret":"x"}""", "/secret unknown_field")]
    [InlineData("""{"secret":null}""", "/secret unknown_field")]
    [InlineData("""{"labels":{"a":1}}""", "/labels/a wrong_type")]
    [InlineData("""{"headers":{"Host":"x"}}""", "/headers invalid_header")]
    public async Task A_patch_cannot_make_what_creation_refuses(string patch, string fault)
    {
        var endpoint = await Client.EndpointAsync("https://example.com");
        using var refused = await Client.SendJsonAsync(HttpMethod.Patch, $"{Path}/{endpoint.Id}", patch);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = (await refused.DocumentAsync())["errors"].EnumerateArray().Single();
        Assert.Equal(fault, $"{error.GetProperty("pointer")} {error.GetProperty("code")}");
        Assert.Equal(1, (await Client.GetDocumentAsync($"{Path}/{endpoint.Id}"))["version"].GetInt32());
    }

    [Fact]
    public async Task A_deleted_one_is_gone()
    {
        var endpoint = await Client.EndpointAsync("https://example.com");
        using var stale = await Client.SendJsonAsync(HttpMethod.Delete, $"{Path}/{endpoint.Id}", null, ("If-Match", "\"7\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        using var deleted = await Client.SendJsonAsync(HttpMethod.Delete, $"{Path}/{endpoint.Id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var again = await Client.SendJsonAsync(HttpMethod.Delete, $"{Path}/{endpoint.Id}");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await Client.EndpointAsync("https://example.com/" + i)).Id);
        }

        var read = new List<string>();
        var cursor = "";
        do
        {
            var page = await Client.GetDocumentAsync($"{Path}?limit=2{cursor}&fields=id");
            read.AddRange(page["data"].EnumerateArray().Select(e => e.GetProperty("id").GetString()!));
            cursor = "&cursor=" + page["next_cursor"].GetString();
            if (!page["has_more"].GetBoolean())
            {
                break;
            }
        }
        while (read.Count < 10);

        Assert.Equal(ids.Order(StringComparer.Ordinal), read);
    }

    [Fact]
    public async Task Another_tenant_s_things_are_not_there()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url);
        var eventId = await fixture.Service.PublishAsync(_tenant);
        var delivery = await Client.DeliveryAsync(endpoint, "succeeded");
        using var stranger = fixture.Service.Client();
        foreach (var request in (string[])[
            $"GET {Path}/{endpoint.Id}", $"GET {Path}/{endpoint.Id}/secret", $"GET {Path}/{endpoint.Id}/deliveries", $"DELETE {Path}/{endpoint.Id}",
            $"PATCH {Path}/{endpoint.Id}", $"POST {Path}/{endpoint.Id}:test", $"POST {Path}/{endpoint.Id}:rotate-secret", $"POST {Path}/{endpoint.Id}:enable",
            $"GET /v1/deliveries/{delivery.Id}", $"POST /v1/deliveries/{delivery.Id}:redeliver", $"GET /v1/events/{eventId}/deliveries"])
        {
            var (method, path) = (request.Split(' ')[0], request.Split(' ')[1]);
            using var response = await stranger.SendJsonAsync(new(method), path, method == "PATCH" ? "{}" : null);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{request}: {(int)response.StatusCode}");
            Assert.Equal("not_found", (await response.DocumentAsync())["code"].GetString());
        }

        Assert.Equal(0, (await stranger.GetDocumentAsync(Path))["data"].GetArrayLength());
        Assert.Equal(1, (await Client.GetDocumentAsync($"{Path}/{endpoint.Id}"))["version"].GetInt32());
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task Reading_is_not_writing()
    {
        var endpoint = await Client.EndpointAsync("https://example.com");
        using var reader = fixture.Service.Client(_tenant, "developer", "webhooks.read");
        Assert.Equal(endpoint.Id, (await reader.GetDocumentAsync($"{Path}/{endpoint.Id}")).Id);
        foreach (var request in (string[])[$"POST {Path}", $"POST {Path}/{endpoint.Id}:test", $"GET {Path}/{endpoint.Id}/secret"])
        {
            using var refused = await reader.SendJsonAsync(new(request.Split(' ')[0]), request.Split(' ')[1]);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }
}
