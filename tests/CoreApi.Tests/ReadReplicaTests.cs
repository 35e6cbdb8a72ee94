using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Identifiers;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>Lists come from the replica while it keeps up, and from the primary whenever it does not.</summary>
public sealed class ReadReplicaTests
{
    [Fact]
    public async Task Lists_are_read_from_a_replica_that_keeps_up_and_from_the_primary_otherwise()
    {
        await using var standby = await Standby.StartAsync();
        await using var service = await TestService.StartAsync("core", s => s.AddCoreApi(), a => a.MapCoreApi(), standby.Database,
            [("ConnectionStrings:platform_replica", standby.Replica.ConnectionString), ("Database:MaxReplicaLag", "00:00:03")]);
        var replica = service.Services.GetRequiredService<CoreDatabase>().Replica!;
        await Eventually.IsTrueAsync(() => replica.IsFresh, "the replica has caught up");
        var tenant = TypeId.New(TimeProvider.System);
        var client = service.Client(tenant);
        await client.CreatedAsync();
        await Eventually.IsTrueAsync(async () => await CountAsync(client) == 1, "the list shows it");

        // Standing still within the limit: the list is the replica's. Beyond it: the primary's.
        await standby.OnReplicaAsync("SELECT pg_wal_replay_pause()");
        await client.CreatedAsync();
        Assert.True(!replica.IsFresh || await CountAsync(client) == 1);
        await Eventually.IsTrueAsync(() => !replica.IsFresh, "the replica counts as behind");
        Assert.Equal(2, await CountAsync(client));

        await standby.OnReplicaAsync("SELECT pg_wal_replay_resume()");
        await Eventually.IsTrueAsync(() => replica.IsFresh, "the replica has caught up again");
        Assert.Equal(2, await CountAsync(client));

        // Row-level security holds there as well.
        Assert.Equal(0, await CountAsync(service.Client()));

        await standby.Replica.StopAsync(immediate: true);
        Assert.Equal(2, await CountAsync(client));
        Assert.Equal(2, await CountAsync(client));
        await standby.Replica.RestartAsync(immediate: false, CancellationToken.None);
        await Eventually.IsTrueAsync(() => replica.IsFresh, "the replica is back");
        Assert.Equal(2, await CountAsync(client));
    }

    private static async Task<int> CountAsync(HttpClient client) => (await client.GetDocumentAsync("/v1/resources"))["data"].GetArrayLength();
}
