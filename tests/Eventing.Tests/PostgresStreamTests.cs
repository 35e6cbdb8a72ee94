using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Eventing.Streams.Postgres;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>What only the stream on PostgreSQL must stand: large events, clocks that go back, rows and days that are missing.</summary>
public sealed class PostgresStreamTests
{
    [Fact]
    public async Task A_fetch_of_large_events_is_bounded_by_bytes_and_misses_none()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        const int Events = 60;
        var payload = new byte[1024 * 1024];
        Random.Shared.NextBytes(payload);
        foreach (var chunk in Enumerable.Range(0, Events).Chunk(10))
        {
            (await instance.Stream.AppendAsync([.. chunk.Select(n => Record(n % 3, $"key{n % 3}", payload))], relay: null, CancellationToken.None))();
        }

        await using var consumer = await JoinAsync(instance, 0);
        var read = new List<(int Partition, long Offset)>();
        while (read.Count < Events)
        {
            var records = await consumer.ReceiveAsync(500, CancellationToken.None);
            Assert.InRange(records.Sum(r => (long)r.Payload.Length), 1, PostgresStreamConsumer.FetchBytes + 3 * payload.Length);
            read.AddRange(records.Select(r => (r.Partition, r.Offset)));
        }

        foreach (var partition in read.GroupBy(r => r.Partition))
        {
            Assert.Equal(Enumerable.Range(0, Events / 3).Select(n => (long)n), partition.Select(r => r.Offset));
        }
    }

    [Fact]
    public async Task An_event_larger_than_a_fetch_comes_alone()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        var large = new byte[PostgresStreamConsumer.FetchBytes + 1];
        (await instance.Stream.AppendAsync([Record(0, "k", large), Record(0, "k", [1])], relay: null, CancellationToken.None))();
        await using var consumer = await JoinAsync(instance, 0);
        Assert.Equal(large.Length, Assert.Single(await ReadAsync(consumer, 1)).Payload.Length);
        Assert.Equal(1L, Assert.Single(await ReadAsync(consumer, 1)).Offset);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_clock_that_went_back_and_forth_between_two_reads_hides_nothing(int firstRead)
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        (await instance.Stream.AppendAsync([.. Enumerable.Range(0, 8).Select(_ => Record(5, "k", []))], relay: null, CancellationToken.None))();

        // As if the clock had stood three days back for the events 3 to 5.
        await instance.Database.ExecuteAsync("""
            DO $$ BEGIN EXECUTE format('CREATE TABLE stream.events_core_back PARTITION OF stream.events_core FOR VALUES FROM (%L) TO (%L)',
                (now() AT TIME ZONE 'UTC')::date - 3, (now() AT TIME ZONE 'UTC')::date - 2); END $$;
            UPDATE stream.events_core SET day = day - 3 WHERE stream_offset BETWEEN 3 AND 5;
            """);
        await using var consumer = await JoinAsync(instance, 0, partition: 5);
        var offsets = (await ReadAsync(consumer, firstRead, max: firstRead)).Select(r => r.Offset).ToList();
        while (offsets.Count < 8)
        {
            offsets.AddRange((await ReadAsync(consumer, 1)).Select(r => r.Offset));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], offsets);
    }

    [Fact]
    public async Task An_event_whose_partition_is_missing_is_refused_and_stays_in_the_outbox()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        var partition = SampleInstance.Message("a", 1).Partition;
        await instance.Database.ExecuteAsync($"DELETE FROM stream.partition WHERE topic = 'events.core' AND partition = {partition}");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => instance.Stream.AppendAsync([Record(partition, "a", []), Record((partition + 1) % 12, "b", [])], relay: null, CancellationToken.None));
        Assert.Equal(0L, await instance.CountAsync("stream.events_core"));

        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(
            async () => await instance.Database.ScalarAsync<long>("SELECT epoch FROM sample.relay_leader") > 2, "the relay has failed and started over");
        Assert.Equal(1L, await instance.CountAsync("sample.outbox"));
        await instance.Database.ExecuteAsync($"INSERT INTO stream.partition (topic, partition) VALUES ('events.core', {partition})");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core") == 1, "the event");
    }

    [Fact]
    public async Task A_machine_that_slept_through_the_days_made_ahead_goes_on()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        const string Sleep = """
            DO $$ DECLARE part regclass; BEGIN
                FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'stream.events_core'::regclass LOOP
                    EXECUTE 'DROP TABLE ' || part;
                END LOOP;
            END $$
            """;
        await instance.Database.ExecuteAsync(Sleep);
        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core") == 1, "the relay's event");

        await instance.Database.ExecuteAsync(Sleep);
        (await instance.Stream.AppendAsync([Record(0, "k", [])], relay: null, CancellationToken.None))();
        Assert.Equal(1L, await instance.CountAsync("stream.events_core"));
    }

    [Fact]
    public void Announcements_stay_within_the_limit_and_say_everything()
    {
        var heads = Enumerable.Range(0, 1000).ToDictionary(n => new TopicPartition("events.a_topic_with_a_long_name", n), n => 1_000_000_000L + n);
        var payloads = HeadsAnnouncer.Format(heads);
        Assert.True(payloads.Count > 1);
        Assert.All(payloads, p => Assert.InRange(p.Length, 1, 7_999));
        Assert.Equal(heads, payloads.SelectMany(StreamHeads.Parse).ToDictionary(h => h.Partition, h => h.Head));
    }

    [Fact]
    public async Task One_announcement_is_on_its_way_at_a_time_and_the_next_holds_the_newest()
    {
        var sent = new List<string>();
        var gate = new TaskCompletionSource();
        var announcer = new HeadsAnnouncer(payloads =>
        {
            sent.AddRange(payloads);
            return sent.Count == 1 ? gate.Task : Task.CompletedTask;
        });
        var partition = new TopicPartition("t", 1);
        for (var head = 1; head <= 100; head++)
        {
            announcer.Announce([(partition, head), (new("t", 2), 7)]);
        }

        Assert.Single(sent);
        gate.SetException(new IOException("the database is away"));
        await Eventually.IsTrueAsync(() => Task.FromResult(sent.Count == 2), "the second");
        Assert.Equal((partition, 100L), StreamHeads.Parse(sent[1]).First());
    }

    private static OutboxRecord Record(int partition, string key, byte[] payload) =>
        new(0, Topics.Core.Name, partition, key, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "{}", payload);

    private static async Task<IStreamConsumer> JoinAsync(SampleInstance instance, long offset, int? partition = null)
    {
        var consumer = instance.Stream.Join(new("sample.reader", instance.Service, [Topics.Core]));
        await Eventually.IsTrueAsync(async () =>
        {
            await consumer.ReceiveAsync(1, CancellationToken.None);
            return consumer.Assigned.Count == Topics.Core.Partitions;
        }, "all partitions");
        foreach (var assigned in consumer.Assigned.Where(p => partition is null || p.Partition == partition))
        {
            consumer.Seek(assigned, offset);
        }

        return consumer;
    }

    /// <summary>The next records, at least <paramref name="atLeast"/>.</summary>
    private static async Task<IReadOnlyList<StreamRecord>> ReadAsync(IStreamConsumer consumer, int atLeast, int max = 500)
    {
        var read = new List<StreamRecord>();
        await Eventually.IsTrueAsync(async () =>
        {
            read.AddRange(await consumer.ReceiveAsync(max - read.Count, CancellationToken.None));
            return read.Count >= atLeast;
        }, $"{atLeast} records");
        return read;
    }
}
