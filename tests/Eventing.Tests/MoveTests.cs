using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>A group moves from PostgreSQL to Kafka and back while there is something left to read on the engine that it leaves.</summary>
public sealed class MoveTests
{
    [Fact]
    public async Task No_event_is_lost_doubled_or_out_of_order_on_the_way_to_Kafka_and_back()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        using var kafka = new MockKafka();

        // On PostgreSQL: some are handled, some stay in the stream, some in the outbox.
        var number = 0;
        await RunAsync(kafka: null, stream: "", handle: 40);
        await PublishAsync(20);

        // On Kafka: what is left of PostgreSQL first.
        await RunAsync(kafka.ConnectionString, stream: "", handle: 80);
        await PublishAsync(20);

        // Back on PostgreSQL, which goes on behind what the group had read of it.
        await RunAsync(kafka.ConnectionString, stream: "postgresql", handle: 120);
        await PublishAsync(20);

        // And to Kafka again, behind what it had read there.
        await using var last = await SampleInstance.StartAsync(database, kafka: kafka.ConnectionString);
        await Eventually.IsTrueAsync(async () => await last.CountAsync("sample.effect") == number * 4, "every event", TimeSpan.FromSeconds(60));
        for (var k = 0; k < 4; k++)
        {
            Assert.Equal(Enumerable.Range(1, number), await last.EffectsAsync($"key{k}"));
        }

        Assert.Equal(0L, await last.CountAsync("sample.dead_event"));
        Assert.True(await database.ScalarAsync<bool>("""
            SELECT bool_and(total > 0) FROM (SELECT engine, sum(next_offset) AS total FROM sample.consumer_offset GROUP BY engine) e
            """), "both engines have carried events");

        // Publishes 20 a key, and stops while only some of them are handled.
        async Task RunAsync(string? kafka, string stream, int handle)
        {
            var handled = 0;
            var behaviour = new SampleBehaviour { Before = _ => Interlocked.Increment(ref handled) > handle ? throw new TimeoutException("enough") : Task.CompletedTask };
            await using var instance = await SampleInstance.StartAsync(database, behaviour: behaviour, kafka: kafka, stream: stream);
            for (var i = 0; i < 20; i++)
            {
                number++;
                for (var k = 0; k < 4; k++)
                {
                    await instance.PublishAsync($"key{k}", number);
                }
            }

            await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.outbox") == 0, "all in the stream", TimeSpan.FromSeconds(60));
            await Eventually.IsTrueAsync(() => Task.FromResult(Volatile.Read(ref handled) > handle), "some are handled and some are not", TimeSpan.FromSeconds(60));
        }

        async Task PublishAsync(int count)
        {
            // A service without relay or consumers: the events stay in the outbox until the next one starts.
            await using var connection = new Npgsql.NpgsqlConnection(database.ConnectionString);
            await connection.OpenAsync();
            for (var i = 0; i < count; i++)
            {
                number++;
                await using var batch = new Npgsql.NpgsqlBatch(connection);
                for (var k = 0; k < 4; k++)
                {
                    Outbox.OutboxWriter.Append(batch, "sample", SampleInstance.Message($"key{k}", number));
                }

                await batch.ExecuteNonQueryAsync();
            }
        }
    }
}
