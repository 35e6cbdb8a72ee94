using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Auth.ApiKeys;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Auth.Tests;

/// <summary>What the stream says of keys, and what services make of it.</summary>
public sealed class PublicationTests
{
    [Fact]
    public async Task KeysAreRepublishedBeforeTheTopicForgetsThem()
    {
        await using var installation = await Installation.StartAsync();
        var database = installation.Auth.Database;
        await installation.CreateKeyAsync();
        var revoked = await installation.CreateKeyAsync();
        (await installation.Owner.DeleteAsync("/v1/api-keys/" + revoked.Id)).EnsureSuccessStatusCode();
        await Eventually.IsTrueAsync(async () => await CountAsync(database) == 4, "owner, two made, one revoked");

        var worker = installation.Auth.Services.GetServices<IHostedService>().OfType<RepublishApiKeys>().Single();
        Assert.Equal(0, await worker.PublishDueAsync(CancellationToken.None));

        await database.ExecuteAsync("UPDATE auth.api_key SET published_at = now() - interval '31 days'");
        var published = await Task.WhenAll(worker.PublishDueAsync(CancellationToken.None), worker.PublishDueAsync(CancellationToken.None));
        Assert.Equal(2, published.Sum());
        await Eventually.IsTrueAsync(async () => await CountAsync(database) == 6, "the two that work, again");
        Assert.Equal(0, await worker.PublishDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task AServiceThatStartsLateLearnsEveryKeyFromTheStream()
    {
        await using var installation = await Installation.StartAsync();
        var key = await installation.CreateKeyAsync();
        var revoked = await installation.CreateKeyAsync();
        (await installation.Owner.DeleteAsync("/v1/api-keys/" + revoked.Id)).EnsureSuccessStatusCode();

        var late = await installation.OtherAsync("late");
        using var anybody = new HttpClient { BaseAddress = late.BaseAddress };
        await Eventually.IsTrueAsync(async () => (await anybody.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "ready");
        using var client = Installation.Client(late, key.Text);
        using var dead = Installation.Client(late, revoked.Text);
        Assert.Equal(key.Id, await client.GetStringAsync("/whoami"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await dead.GetAsync("/whoami")).StatusCode);
    }

    [Fact]
    public async Task AnOldEventThatComesAgainBringsNoRevokedKeyBack()
    {
        await using var installation = await Installation.StartAsync();
        var other = await installation.OtherAsync();
        var key = await installation.CreateKeyAsync();
        (await installation.Owner.DeleteAsync("/v1/api-keys/" + key.Id)).EnsureSuccessStatusCode();
        using var client = Installation.Client(other, key.Text);
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/whoami")).StatusCode == HttpStatusCode.Unauthorized, "the refusal");

        var database = installation.Auth.Services.GetRequiredService<AuthDatabase>();
        var tenant = await installation.Auth.Database.ScalarAsync<Guid>("SELECT tenant_id FROM auth.organization");
        var row = (await ApiKeyRows.FindAsync(database, tenant, TypeId.Parse(IdPrefix.ApiKey, key.Id), CancellationToken.None))!;
        await PublishAsync(database, (row with { Version = 1, RevokedAt = null }).Changed(tenant, "created", null, TimeProvider.System));

        // A later key of the same partition order: once it is known, the old event has been read.
        await PublishAsync(database, OutboxMessage.Create("auth", tenant, key.Id, Marker(row), TimeProvider.System));
        await Eventually.IsTrueAsync(
            async () => await installation.Auth.Database.ScalarAsync<long>("SELECT count(*) FROM other.known_key WHERE role = 'marker'") == 1, "the marker");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/whoami")).StatusCode);
    }

    private static ApiKeyChanged Marker(ApiKey key) => new()
    {
        Id = TypeId.Format(IdPrefix.ApiKey, TypeId.New(TimeProvider.System)),
        Name = "marker",
        Role = "marker",
        Scopes = [],
        SecretHash = Convert.ToBase64String(key.SecretHash),
        Version = 1,
    };

    private static async Task PublishAsync(AuthDatabase database, OutboxMessage message)
    {
        await using var connection = await database.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.Append(batch, database.Schema, message);
        await batch.ExecuteNonQueryAsync();
        database.OutboxWritten.Set();
    }

    private static Task<long> CountAsync(TestDatabase database) =>
        database.ScalarAsync<long>("SELECT count(*) FROM stream.events_audit WHERE headers->>'ce_type' = 'api_key.changed'");
}
