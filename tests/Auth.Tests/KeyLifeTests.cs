using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Auth.Tests;

/// <summary>From creation to revocation, here and in services that know keys only from the stream.</summary>
public sealed class KeyLifeTests
{
    [Fact]
    public async Task ANewKeyWorksEverywhereAtOnce()
    {
        await using var installation = await Installation.StartAsync();
        var other = await installation.OtherAsync();
        var far = await installation.OtherAsync("far");
        for (var i = 0; i < 20; i++)
        {
            var key = await installation.CreateKeyAsync();
            foreach (var service in (TestService[])[other, far])
            {
                using var client = Installation.Client(service, key.Text);
                Assert.Equal(key.Id, await client.GetStringAsync("/whoami"));
            }
        }
    }

    [Fact]
    public async Task ARevokedKeyIsRefusedEverywhereWithinASecond()
    {
        await using var installation = await Installation.StartAsync();

        // Two instances of one service: one of them applies the event, the other one only remembers.
        TestService[] services =
        [
            installation.Auth, await installation.OtherAsync("other", ("Eventing:Instance", "a")), await installation.OtherAsync("other", ("Eventing:Instance", "b")),
        ];
        for (var round = 0; round < 5; round++)
        {
            var key = await installation.CreateKeyAsync(new { name = "doomed", role = "admin" });
            var clients = services.Select(s => (Client: Installation.Client(s, key.Text), Path: s == installation.Auth ? "/v1/organization" : "/whoami")).ToArray();
            foreach (var (client, path) in clients)
            {
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path)).StatusCode);
            }

            Assert.Equal(HttpStatusCode.NoContent, (await installation.Owner.DeleteAsync("/v1/api-keys/" + key.Id)).StatusCode);
            var revoked = Stopwatch.GetTimestamp();
            foreach (var (client, path) in clients)
            {
                // Used all the time, so that it stays in memory for as long as it may.
                await Eventually.IsTrueAsync(
                    async () => (await client.GetAsync(path)).StatusCode == HttpStatusCode.Unauthorized,
                    "the refusal", TimeSpan.FromSeconds(1) - Stopwatch.GetElapsedTime(revoked));
                client.Dispose();
            }
        }
    }

    [Fact]
    public async Task AKeyIsShownOnceAndReadBackWithoutItsText()
    {
        await using var installation = await Installation.StartAsync();
        var response = await installation.Owner.PostAsJsonAsync("/v1/api-keys", new { name = "ci", scopes = (string[])["resources.read"], role = "viewer", rate_limit = 5 });
        var created = await response.Content.ReadFromJsonAsync<JsonElement>();
        var location = response.Headers.Location!.ToString();
        Assert.Equal("/v1/api-keys/" + created.GetProperty("id").GetString(), location);
        Assert.Equal("\"1\"", response.Headers.ETag!.Tag);
        Assert.Matches("^pk_live_\\.\\.\\..{4}$", created.GetProperty("hint").GetString()!);

        var read = await installation.Owner.GetFromJsonAsync<JsonElement>(location);
        Assert.False(read.TryGetProperty("key", out _));
        Assert.Equal(("viewer", 5), (read.GetProperty("role").GetString(), read.GetProperty("rate_limit").GetInt32()));
        Assert.Equal(created.EnumerateObject().Count() - 1, read.EnumerateObject().Count());

        var list = await installation.Owner.GetStringAsync("/v1/api-keys");
        Assert.DoesNotContain(created.GetProperty("key").GetString()!, list, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", list, StringComparison.OrdinalIgnoreCase);

        // Nor is it anywhere in the database but in the stored answer of an Idempotency-Key.
        Assert.Equal(0, await installation.Auth.Database.ScalarAsync<long>("SELECT count(*) FROM auth.api_key k WHERE k::text LIKE '%pk_live_%_%' AND hint NOT LIKE 'pk_live_...%'"));
    }

    [Fact]
    public async Task ListsArePagedInOrderOfCreation()
    {
        await using var installation = await Installation.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await installation.CreateKeyAsync(new { name = $"k{i}" });
        }

        var names = new List<string>();
        for (string? path = "/v1/api-keys?limit=2"; path is not null;)
        {
            var page = await installation.Owner.GetFromJsonAsync<JsonElement>(path);
            names.AddRange(page.GetProperty("data").EnumerateArray().Select(k => k.GetProperty("name").GetString()!));
            path = page.GetProperty("has_more").GetBoolean() ? "/v1/api-keys?limit=2&cursor=" + page.GetProperty("next_cursor").GetString() : null;
        }

        Assert.Equal(["owner", "k0", "k1", "k2", "k3", "k4"], names);
        Assert.Equal(HttpStatusCode.BadRequest, (await installation.Owner.GetAsync("/v1/api-keys?cursor=nonsense")).StatusCode);
    }

    [Fact]
    public async Task RevokingIsIdempotentAndHonoursIfMatch()
    {
        await using var installation = await Installation.StartAsync();
        var key = await installation.CreateKeyAsync();
        using var stale = new HttpRequestMessage(HttpMethod.Delete, "/v1/api-keys/" + key.Id) { Headers = { { "If-Match", "\"7\"" } } };
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await installation.Owner.SendAsync(stale)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await installation.Owner.DeleteAsync("/v1/api-keys/" + key.Id)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await installation.Owner.DeleteAsync("/v1/api-keys/" + key.Id)).StatusCode);

        var read = await installation.Owner.GetFromJsonAsync<JsonElement>("/v1/api-keys/" + key.Id);
        Assert.Equal(2, read.GetProperty("version").GetInt64());
        Assert.NotNull(read.GetProperty("revoked_at").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Owner.DeleteAsync("/v1/api-keys/key_01h455vb4pex5vsknk084sn02q")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Owner.DeleteAsync("/v1/api-keys/nonsense")).StatusCode);
    }

    [Fact]
    public async Task ARotatedKeyWorksThroughTheOverlapAndItsSuccessorAtOnce()
    {
        await using var installation = await Installation.StartAsync();
        var other = await installation.OtherAsync();
        var old = await installation.CreateKeyAsync(new { name = "rolled", scopes = (string[])["resources.read"], rate_limit = 100 });
        using var oldClient = Installation.Client(other, old.Text);
        Assert.Equal(old.Id, await oldClient.GetStringAsync("/whoami"));

        var response = await installation.Owner.PostAsync($"/v1/api-keys/{old.Id}:rotate", null);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var successor = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("rolled", 100), (successor.GetProperty("name").GetString(), successor.GetProperty("rate_limit").GetInt32()));
        using var newClient = Installation.Client(other, successor.GetProperty("key").GetString()!);
        Assert.Equal(successor.GetProperty("id").GetString(), await newClient.GetStringAsync("/whoami"));
        Assert.Equal(old.Id, await oldClient.GetStringAsync("/whoami"));
        Assert.NotNull((await installation.Owner.GetFromJsonAsync<JsonElement>("/v1/api-keys/" + old.Id)).GetProperty("expires_at").GetString());

        // Without an overlap it ends now; and what has ended cannot be rotated.
        var next = await installation.Owner.PostAsJsonAsync($"/v1/api-keys/{old.Id}:rotate", new { overlap = 0 });
        Assert.Equal(HttpStatusCode.Created, next.StatusCode);
        await Eventually.IsTrueAsync(async () => (await oldClient.GetAsync("/whoami")).StatusCode == HttpStatusCode.Unauthorized, "the refusal");
        Assert.Equal(HttpStatusCode.Conflict, (await installation.Owner.PostAsync($"/v1/api-keys/{old.Id}:rotate", null)).StatusCode);
    }

    [Fact]
    public async Task AReplayShowsTheSameKeyAndMakesNoSecond()
    {
        await using var installation = await Installation.StartAsync();
        var keys = new List<string?>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/api-keys") { Content = JsonContent.Create(new { name = "once" }), Headers = { { "Idempotency-Key", "a" } } };
            var response = await installation.Owner.SendAsync(request);
            Assert.Equal(i == 0 ? HttpStatusCode.Created : HttpStatusCode.OK, response.StatusCode);
            keys.Add((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString());
        }

        Assert.Equal(keys[0], keys[1]);
        Assert.Equal(2, await installation.Auth.Database.ScalarAsync<long>("SELECT count(*) FROM auth.api_key"));
    }

    [Theory]
    [InlineData("""{}""", "/name")]
    [InlineData("""{"name": ""}""", "/name")]
    [InlineData("""{"name": "x", "role": "god"}""", "/role")]
    [InlineData("""{"name": "x", "scopes": ["resources.read", "nonsense"]}""", "/scopes/1")]
    [InlineData("""{"name": "x", "scopes": []}""", "/scopes")]
    [InlineData("""{"name": "x", "expires_at": "2020-01-01T00:00:00Z"}""", "/expires_at")]
    [InlineData("""{"name": "x", "expires_at": "tomorrow"}""", "/expires_at")]
    [InlineData("""{"name": "x", "rate_limit": 0}""", "/rate_limit")]
    [InlineData("""{"name": "x", "tenant_id": "org_1"}""", "/tenant_id")]
    [InlineData("""{"name": "x", "id": "key_1"}""", "/id")]
    public async Task BadInputIsNamedByItsPointer(string body, string pointer)
    {
        await using var installation = await Installation.StartAsync();
        var response = await installation.Owner.PostAsync("/v1/api-keys", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(pointer, errors.EnumerateArray().Single().GetProperty("pointer").GetString());
    }
}
