using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Auth.ApiKeys;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.Testing;

namespace Platform.Auth.Tests;

public sealed class TenantWallTests
{
    [Fact]
    public async Task AnotherOrganizationsKeysAreNotThere()
    {
        await using var installation = await Installation.StartAsync();
        var (tenant, text) = await AddOrganizationAsync(installation);
        using var stranger = Installation.Client(installation.Auth, text);
        var key = await installation.CreateKeyAsync();
        var absent = "/v1/api-keys/" + TypeId.Format(IdPrefix.ApiKey, TypeId.New(TimeProvider.System));
        stranger.DefaultRequestHeaders.Add("X-Request-Id", "same");
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/v1/organization")).StatusCode);

        foreach (var (method, suffix) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, ":rotate")])
        {
            using var foreign = new HttpRequestMessage(method, "/v1/api-keys/" + key.Id + suffix);
            using var nothing = new HttpRequestMessage(method, absent + suffix);
            var (one, other) = (await stranger.SendAsync(foreign), await stranger.SendAsync(nothing));
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (one.StatusCode, other.StatusCode));
            Assert.Equal(await other.Content.ReadAsStringAsync(), await one.Content.ReadAsStringAsync());
        }

        var list = await stranger.GetFromJsonAsync<JsonElement>("/v1/api-keys");
        Assert.Equal("stranger", list.GetProperty("data").EnumerateArray().Single().GetProperty("name").GetString());
        Assert.Equal(TypeId.Format(IdPrefix.Organization, tenant), (await stranger.GetFromJsonAsync<JsonElement>("/v1/organization")).GetProperty("id").GetString());
    }

    /// <summary>The second wall: statements that forget the tenant.</summary>
    [Theory]
    [InlineData("auth.api_key")]
    [InlineData("auth.organization")]
    [InlineData("auth.known_key")]
    public async Task AStatementThatForgetsTheTenantFindsAndChangesNothing(string table)
    {
        await using var installation = await Installation.StartAsync();
        var (tenant, _) = await AddOrganizationAsync(installation);
        await Eventually.IsTrueAsync(async () => await installation.Auth.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}") == 2, "two rows");
        var database = installation.Auth.Services.GetRequiredService<AuthDatabase>();
        await using var connection = await database.Requests.OpenConnectionAsync();
        await using (var all = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection))
        {
            Assert.Equal(0L, await all.ExecuteScalarAsync());
        }

        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), new($"DELETE FROM {table}") } };
        await batch.ExecuteNonQueryAsync();
        Assert.Equal(1, await installation.Auth.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    private static async Task<(Guid Tenant, string Text)> AddOrganizationAsync(Installation installation)
    {
        var database = installation.Auth.Services.GetRequiredService<AuthDatabase>();
        var tenant = TypeId.New(TimeProvider.System);
        var (key, text) = ApiKey.New("live", "stranger", Roles.Owner, ["*"], null, null, null, TimeProvider.System);
        await using var connection = await database.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("INSERT INTO auth.organization (tenant_id, slug, name, created_at) VALUES ($1, 'stranger', 'Stranger', now())") { Parameters = { new() { Value = tenant } } },
                ApiKeyRows.Insert(tenant, key),
            },
        };
        OutboxWriter.AppendMany(batch, database.Schema, [key.Changed(tenant, "created", null, TimeProvider.System)]);
        await batch.ExecuteNonQueryAsync();
        database.OutboxWritten.Set();
        return (tenant, text);
    }
}
