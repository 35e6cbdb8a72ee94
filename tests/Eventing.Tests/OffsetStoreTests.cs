using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Tests;

/// <summary>Offsets move with the effects, each row locked in one order.</summary>
public sealed class OffsetStoreTests
{
    [Fact]
    public async Task Two_owners_that_disagree_wait_for_each_other_and_never_deadlock()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        var store = new OffsetStore(new("sample.order", instance.Service, [Topics.Core]), instance.Stream.Engine, "test");
        var owned = await store.ClaimAsync([.. Enumerable.Range(0, 12).Select(p => new TopicPartition(Topics.Core.Name, p))], CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(owner => Task.Run(async () =>
        {
            await using var connection = await instance.Service.System.OpenConnectionAsync();
            for (var n = 0; n < 200; n++)
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(store.AdvanceCommand(owner % 2 == 0 ? owned : [.. Enumerable.Reverse(owned)]));
                await using var reader = await batch.ExecuteReaderAsync();
                var moved = 0;
                while (await reader.ReadAsync())
                {
                    moved++;
                }

                Assert.Equal(12, moved);
            }
        })));
    }

    [Fact]
    public async Task A_partition_of_another_epoch_or_another_offset_does_not_move()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        var store = new OffsetStore(new("sample.fence", instance.Service, [Topics.Core]), instance.Stream.Engine, "test");
        var owned = await store.ClaimAsync([.. Enumerable.Range(0, 3).Select(p => new TopicPartition(Topics.Core.Name, p))], CancellationToken.None);
        owned = [.. owned.OrderBy(o => o.Partition.Partition)];
        OwnedPartition[] moves = [owned[0] with { NextOffset = 5, Epoch = owned[0].Epoch - 1 }, owned[1] with { NextOffset = 5, Expected = 4 }, owned[2] with { NextOffset = 5 }];
        await using var connection = await instance.Service.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(store.AdvanceCommand(moves));
        await batch.ExecuteNonQueryAsync();
        Assert.Equal(new long[] { 0, 0, 5 }, await instance.Database.ScalarAsync<long[]>(
            "SELECT array_agg(next_offset ORDER BY partition) FROM sample.consumer_offset WHERE consumer_group = 'sample.fence'"));
    }
}
