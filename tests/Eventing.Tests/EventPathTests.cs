using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Tests.Conformance;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>From a commit to an effect.</summary>
public sealed class EventPathTests
{
    [Theory, EveryStream]
    public async Task Every_event_has_one_effect_in_order_per_key(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();
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
        Assert.Equal(400, (await instance.Stream.ReadHeadsAsync(Topics.Core, CancellationToken.None)).Values.Sum());
    }

    [Theory, EveryStream]
    public async Task An_event_that_becomes_visible_late_is_not_lost(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();

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

    [Theory, EveryStream]
    public async Task A_transaction_that_began_first_and_wrote_the_key_last_comes_last(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();
        await under.Database.ExecuteAsync("CREATE TABLE sample.aggregate (key text PRIMARY KEY, n int); INSERT INTO sample.aggregate VALUES ('a', 0); GRANT ALL ON sample.aggregate TO platform");

        // Has its transaction id, and a position for another key, before the other transaction begins: an order by transaction id would put it first.
        await using var early = new NpgsqlConnection(under.Database.ConnectionString);
        await early.OpenAsync();
        await using var transaction = await early.BeginTransactionAsync();
        await WriteAsync(early, "other", 1);
        await using (var late = new NpgsqlConnection(under.Database.ConnectionString))
        {
            await late.OpenAsync();
            await using var whole = await late.BeginTransactionAsync();
            await WriteAsync(late, "a", 1);
            await whole.CommitAsync();
        }

        await WriteAsync(early, "a", 2);
        await transaction.CommitAsync();
        instance.Service.OutboxWritten.Set();
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.effect") == 3, "all effects");
        Assert.Equal(new[] { 1, 2 }, await instance.EffectsAsync("a"));

        static async Task WriteAsync(NpgsqlConnection connection, string key, int number)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"UPDATE sample.aggregate SET n = {number} WHERE key = '{key}'"));
            OutboxWriter.Append(batch, "sample", SampleInstance.Message(key, number));
            await batch.ExecuteNonQueryAsync();
        }
    }

    [Theory, EveryStream]
    public async Task A_duplicate_in_the_stream_has_no_second_effect(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();
        var first = SampleInstance.Message("a", 1);
        var id = await instance.PublishAsync(first);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 1, "the first");

        // As a relay that crashed between append and delete would.
        await instance.StopAsync();
        var again = new OutboxRecord(0, Topics.Core.Name, Partitioner.For("a", Topics.Core.Partitions), "a", id, first.Headers, first.Payload.ToArray());
        (await instance.Stream.AppendAsync([again, again], null, CancellationToken.None))();
        instance = await under.StartInstanceAsync();
        await instance.PublishAsync("a", 2);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Contains(2), "the one behind it");
        Assert.Equal(new[] { 1, 2 }, await instance.EffectsAsync("a"));
    }

    [Theory, EveryStream]
    public async Task Instances_share_the_partitions_and_take_over_from_one_that_leaves(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var first = await under.StartInstanceAsync();
        var second = await under.StartInstanceAsync();
        await Eventually.IsTrueAsync(
            async () => await first.Database.ScalarAsync<long>("SELECT count(DISTINCT owner) FROM sample.consumer_offset WHERE consumer_group = 'sample.effects'") == 2,
            "two members");
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
