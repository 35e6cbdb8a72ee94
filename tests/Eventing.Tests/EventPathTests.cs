using Npgsql;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>From a commit to an effect, on the PostgreSQL stream.</summary>
public sealed class EventPathTests
{
    [Fact]
    public async Task Every_event_has_one_effect_in_order_per_key()
    {
        await using var instance = await SampleInstance.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async k =>
        {
            for (var n = 1; n <= 50; n++)
            {
                await instance.PublishAsync($"key{k}", n);
            }
        }));
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.effect") == 400, "400 effects");
        for (var k = 0; k < 8; k++)
        {
            Assert.Equal(Enumerable.Range(1, 50), await instance.EffectsAsync($"key{k}"));
        }

        Assert.Equal(0L, await instance.CountAsync("sample.outbox"));
        Assert.Equal(400L, await instance.CountAsync("stream.events_core"));
        Assert.True(await instance.Database.ScalarAsync<bool>("""
            SELECT bool_and(n = hi + 1 AND lo = 0) FROM (
                SELECT count(*) n, max(stream_offset) hi, min(stream_offset) lo FROM stream.events_core GROUP BY partition) p
            """), "offsets are dense");
    }

    [Fact]
    public async Task An_event_that_becomes_visible_late_is_not_lost()
    {
        await using var instance = await SampleInstance.StartAsync();

        // Draws its position first and commits last: a cursor over positions would pass it by.
        await using var slow = new NpgsqlConnection(instance.Database.ConnectionString);
        await slow.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        await using (var batch = new NpgsqlBatch(slow))
        {
            OutboxWriter.Append(batch, "sample", SampleInstance.Message("late", 1));
            await batch.ExecuteNonQueryAsync();
        }

        for (var n = 1; n <= 20; n++)
        {
            await instance.PublishAsync("early", n);
        }

        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.effect") == 20, "the others flow");
        await transaction.CommitAsync();
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("late")).Length == 1, "the late one arrives");
    }

    [Fact]
    public async Task A_duplicate_in_the_stream_has_no_second_effect()
    {
        await using var instance = await SampleInstance.StartAsync();
        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 1, "the first");

        // As a relay that crashed between append and delete would, on a stream in another database.
        await instance.Database.ExecuteAsync("""
            WITH copy AS (
                INSERT INTO stream.events_core (partition, stream_offset, day, key, id, headers, payload)
                SELECT partition, stream_offset + 1, day, key, id, headers, payload FROM stream.events_core RETURNING partition)
            UPDATE stream.partition p SET next_offset = next_offset + 1 FROM copy WHERE topic = 'events.core' AND p.partition = copy.partition
            """);
        await instance.PublishAsync("a", 2);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Contains(2), "the one behind it");
        Assert.Equal(new[] { 1, 2 }, await instance.EffectsAsync("a"));
    }

    [Fact]
    public async Task Instances_share_the_partitions_and_take_over_from_one_that_leaves()
    {
        await using var first = await SampleInstance.StartAsync();
        var second = await SampleInstance.StartAsync(first.Database);
        await Eventually.IsTrueAsync(
            async () => await first.Database.ScalarAsync<long>(
                $"SELECT count(DISTINCT objid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 4,
            "two members in each of the two groups");
        var publishing = Task.Run(async () =>
        {
            for (var n = 1; n <= 300; n++)
            {
                await first.PublishAsync($"key{n % 10}", n);
            }
        });
        await Eventually.IsTrueAsync(async () => await first.CountAsync("sample.effect") >= 50, "some effects");
        await second.DisposeAsync();
        await publishing;
        await Eventually.IsTrueAsync(async () => await first.CountAsync("sample.effect") == 300, "all effects, each once");
        for (var k = 0; k < 10; k++)
        {
            var effects = await first.EffectsAsync($"key{k}");
            Assert.Equal(effects.Order(), effects);
        }
    }

    [Fact]
    public async Task A_stream_in_another_database_gets_every_event()
    {
        var stream = await TestPostgres.CreateDatabaseAsync();
        await using var instance = await SampleInstance.StartAsync(streamConnectionString: stream.ConnectionString);
        for (var n = 1; n <= 100; n++)
        {
            await instance.PublishAsync("a", n);
        }

        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.effect") == 100, "all effects");
        Assert.Equal(Enumerable.Range(1, 100), await instance.EffectsAsync("a"));
        Assert.Equal(100L, await stream.ScalarAsync<long>("SELECT count(*) FROM stream.events_core"));
    }
}
