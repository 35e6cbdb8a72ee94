using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.Auth.Tests;

/// <summary>No key makes, rolls or revokes one that may more than itself.</summary>
public sealed class KeyStrengthTests
{
    [Fact]
    public async Task AKeyCannotMintAStrongerOne()
    {
        await using var installation = await Installation.StartAsync();
        var soon = TimeProvider.System.GetUtcNow().AddHours(1);
        var admin = await installation.CreateKeyAsync(
            new { name = "admin", role = "admin", scopes = (string[])["keys.read", "keys.write", "resources.read"], expires_at = soon });
        using var client = Installation.Client(installation.Auth, admin.Text);
        object[] stronger =
        [
            new { name = "x", role = "owner" }, new { name = "x", scopes = (string[])["*"] }, new { name = "x", scopes = (string[])["resources.write"] },
            new { name = "x", scopes = (string[])["resources.read", "audit.read"] }, new { name = "x", expires_at = soon.AddDays(1) },
        ];
        foreach (var body in stronger)
        {
            var response = await client.PostAsJsonAsync("/v1/api-keys", body);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Equal("forbidden", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }

        Assert.True(ServiceDefaults.Authentication.Keys.ApiKeyText.TryParse(installation.OwnerKey, out var ownerId));
        var owner = Contracts.Identifiers.TypeId.Format(Contracts.Identifiers.IdPrefix.ApiKey, ownerId);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync($"/v1/api-keys/{owner}:rotate", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync($"/v1/api-keys/{owner}")).StatusCode);

        // What it has, it may pass on; what is not said is taken from it.
        var child = await Installation.CreateKeyAsync(client, new { name = "child" });
        Assert.Equal("admin", child.Json.GetProperty("role").GetString());
        Assert.Equal(["keys.read", "keys.write", "resources.read"], child.Json.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal(admin.Json.GetProperty("expires_at").GetString(), child.Json.GetProperty("expires_at").GetString());
    }

    [Fact]
    public async Task ScopesAndRolesAreEnforcedEverywhere()
    {
        await using var installation = await Installation.StartAsync();
        var other = await installation.OtherAsync();
        (object Body, HttpStatusCode Read, HttpStatusCode Write, HttpStatusCode Keys)[] table =
        [
            (new { name = "a" }, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden),
            (new { name = "b", role = "viewer" }, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (new { name = "c", scopes = (string[])["resources.read"] }, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (new { name = "d", scopes = (string[])["keys.read"] }, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK),
            (new { name = "e", role = "viewer", scopes = (string[])["resources.write", "keys.read"] }, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (new { name = "f", role = "owner" }, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK),
        ];
        foreach (var (body, read, write, keys) in table)
        {
            var key = await installation.CreateKeyAsync(body);
            using var there = Installation.Client(other, key.Text);
            using var here = Installation.Client(installation.Auth, key.Text);
            Assert.Equal(
                (read, write, keys),
                ((await there.GetAsync("/whoami")).StatusCode, (await there.PostAsync("/change", null)).StatusCode, (await here.GetAsync("/v1/api-keys")).StatusCode));
        }
    }

    [Fact]
    public async Task TheLastOwnerKeyStays()
    {
        await using var installation = await Installation.StartAsync();
        var second = await installation.CreateKeyAsync(new { name = "second", role = "owner" });
        var narrow = await installation.CreateKeyAsync(new { name = "narrow", role = "owner", scopes = (string[])["resources.read"] });
        using var other = Installation.Client(installation.Auth, second.Text);
        var list = await installation.Owner.GetFromJsonAsync<JsonElement>("/v1/api-keys");
        var first = list.GetProperty("data")[0].GetProperty("id").GetString();

        // Two owner keys revoke each other at the same instant: one stays.
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/v1/organization")).StatusCode);
        var both = await Task.WhenAll(other.DeleteAsync("/v1/api-keys/" + first), installation.Owner.DeleteAsync("/v1/api-keys/" + second.Id));
        Assert.Single(both, r => r.StatusCode == HttpStatusCode.NoContent);
        Assert.Single(both, r => r.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.Unauthorized);
        Assert.NotEqual("", narrow.Id);
        Assert.Equal(1, await installation.Auth.Database.ScalarAsync<long>(
            "SELECT count(*) FROM auth.api_key WHERE role = 'owner' AND scopes = '{*}' AND revoked_at IS NULL"));

        var survivor = both[0].StatusCode == HttpStatusCode.NoContent ? other : installation.Owner;
        var own = both[0].StatusCode == HttpStatusCode.NoContent ? second.Id : first;
        var refused = await survivor.DeleteAsync("/v1/api-keys/" + own);
        Assert.Equal("last_owner_key", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.Created, (await survivor.PostAsync($"/v1/api-keys/{own}:rotate", null)).StatusCode);
    }

    [Fact]
    public async Task AKeysOwnRateLimitHolds()
    {
        await using var installation = await Installation.StartAsync();
        var other = await installation.OtherAsync();
        var key = await installation.CreateKeyAsync(new { name = "slow", rate_limit = 3 });
        using var client = Installation.Client(other, key.Text);
        for (var left = 2; left >= 0; left--)
        {
            var allowed = await client.GetAsync("/whoami");
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            Assert.Equal("\"default\";q=3;w=60", allowed.Headers.GetValues("RateLimit-Policy").Single());
            Assert.StartsWith($"\"default\";r={left};t=", allowed.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        }

        var refused = await client.GetAsync("/whoami");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
    }
}
