using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;

namespace Platform.Processing.Tests;

/// <summary>Another service asks for a job in the transaction of its own change.</summary>
public sealed class OtherServiceTests
{
    [Fact]
    public async Task There_is_a_job_if_and_only_if_the_change_commits()
    {
        await using var service = await TestService.StartAsync("processing", s => s.AddProcessing().AddEventing<ShopDatabase>(), a => a.MapProcessing());
        var shop = service.Services.GetRequiredService<ShopDatabase>();
        await service.Database.ExecuteAsync("CREATE TABLE shop.parcel (n int PRIMARY KEY); GRANT ALL ON shop.parcel TO PUBLIC");
        var tenant = TypeId.New(TimeProvider.System);
        using var client = service.Client(tenant);
        await ShipAsync(shop, tenant, 1, commit: false);
        await ShipAsync(shop, tenant, 2, commit: true);
        var id = (await Eventually.GetAsync(async () => await client.IdsAsync("/v1/jobs") is { Length: > 0 } ids ? ids : null, "the job is there")).Single();
        var job = await client.ReachesAsync(id, "succeeded");
        Assert.Equal(("bulk", 2, "parcel-2"), (job["queue"].GetString(), job["payload"].GetProperty("parcel").GetInt32(), job["unique_key"].GetString()));
        Assert.Equal(1L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM shop.parcel"));
        Assert.Equal([id], await client.IdsAsync("/v1/jobs"));
    }

    private static async Task ShipAsync(ShopDatabase shop, Guid tenant, int parcel, bool commit)
    {
        await using var connection = await shop.System.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new($"INSERT INTO shop.parcel VALUES ({parcel})") } };
        OutboxWriter.Append(batch, shop.Schema, OutboxMessage.Submit(shop.Schema, tenant, $"parcel-{parcel}", new JobSubmitted
        {
            Type = "noop", Queue = "bulk", Payload = JsonSerializer.SerializeToElement(new { parcel }), UniqueKey = $"parcel-{parcel}",
        }, TimeProvider.System));
        await batch.ExecuteNonQueryAsync();
        await (commit ? transaction.CommitAsync() : transaction.RollbackAsync());
        shop.OutboxWritten.Set();
    }

    private sealed class ShopDatabase(DataSources sources) : ServiceDatabase("shop", new MigrationSet("shop", []), sources);
}
