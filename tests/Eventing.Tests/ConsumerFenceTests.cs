using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Eventing.Tests.Conformance;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>A partition has one owner: the one that claimed it last.</summary>
public sealed class ConsumerFenceTests
{
    [Theory, EveryStream]
    public async Task A_batch_whose_partitions_were_claimed_since_it_was_read_has_no_effect(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync(consume: false);
        var group = Group(instance);
        var overtaken = false;
        await using var loop = Loop(instance, new SampleHandler(new()), group, async records =>
        {
            overtaken = true;
            await OtherOwner(instance, group).ClaimAsync(Partitions(records), CancellationToken.None);
        });
        await instance.PublishAsync("key", 1);
        await Eventually.IsTrueAsync(async () =>
        {
            var turn = loop.RunOnceAsync(CancellationToken.None);
            await ((Task)turn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (overtaken)
            {
                await Assert.ThrowsAsync<PartitionsLostException>(() => turn);
                return true;
            }

            await turn;
            return false;
        }, "a batch");
        Assert.Empty(await instance.EffectsAsync("key"));
        Assert.Equal(0L, await instance.CountAsync("sample.inbox"));
        Assert.Equal(0L, await instance.Database.ScalarAsync<long>("SELECT sum(next_offset)::bigint FROM sample.consumer_offset"));
    }

    [Theory, EveryStream]
    public async Task A_claim_waits_for_the_batch_in_hand_and_goes_on_after_it(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync(consume: false);
        var group = Group(instance);
        IReadOnlyCollection<TopicPartition> read = [];
        Task<List<OwnedPartition>>? claim = null;
        var behaviour = new SampleBehaviour
        {
            Before = async _ =>
            {
                claim = OtherOwner(instance, group).ClaimAsync(read, CancellationToken.None);
                await Eventually.IsTrueAsync(
                    async () => await instance.Database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"),
                    "the claim waits");
            },
        };
        await using var loop = Loop(instance, new SampleHandler(behaviour), group, records =>
        {
            read = Partitions(records);
            return Task.CompletedTask;
        });
        await instance.PublishAsync("key", 1);
        await Eventually.IsTrueAsync(async () => await loop.RunOnceAsync(CancellationToken.None) > 0, "a batch");
        var claimed = await claim!;
        Assert.Equal(1, Assert.Single(claimed).NextOffset);
        Assert.Equal(1, Assert.Single(await instance.EffectsAsync("key")));
    }

    private static ConsumerGroup Group(SampleInstance instance) => new("sample.fence", instance.Service, [Topics.Core]);

    private static OffsetStore OtherOwner(SampleInstance instance, ConsumerGroup group) => new(group, instance.Stream.Engine, "another");

    private static ConsumerLoop Loop(SampleInstance instance, IEventHandler handler, ConsumerGroup group, Func<IReadOnlyList<StreamRecord>, Task> read) =>
        new(group, handler, new Observed(instance.Stream, read), until: null, new EventingOptions(), TimeProvider.System, NullLogger.Instance);

    private static HashSet<TopicPartition> Partitions(IReadOnlyList<StreamRecord> records) => [.. records.Select(r => new TopicPartition(r.Topic, r.Partition))];

    /// <summary>The stream, and a step between what it hands over and the transaction.</summary>
    private sealed class Observed(IEventStream stream, Func<IReadOnlyList<StreamRecord>, Task> read) : IEventStream
    {
        public string Engine => stream.Engine;

        public Task PrepareAsync(CancellationToken cancellationToken) => stream.PrepareAsync(cancellationToken);

        public Task MaintainAsync(CancellationToken cancellationToken) => stream.MaintainAsync(cancellationToken);

        public Task<Action> AppendAsync(IReadOnlyList<OutboxRecord> records, NpgsqlConnection? relay, CancellationToken cancellationToken) =>
            stream.AppendAsync(records, relay, cancellationToken);

        public Task<IReadOnlyDictionary<TopicPartition, long>> ReadHeadsAsync(Topic topic, CancellationToken cancellationToken) =>
            stream.ReadHeadsAsync(topic, cancellationToken);

        public IStreamConsumer Join(ConsumerGroup group) => new Consumer(stream.Join(group), read);

        private sealed class Consumer(IStreamConsumer consumer, Func<IReadOnlyList<StreamRecord>, Task> read) : IStreamConsumer
        {
            public IReadOnlySet<TopicPartition> Assigned => consumer.Assigned;

            public void Seek(TopicPartition partition, long offset) => consumer.Seek(partition, offset);

            public void Forget(TopicPartition partition) => consumer.Forget(partition);

            public async Task<IReadOnlyList<StreamRecord>> ReceiveAsync(int maxRecords, CancellationToken cancellationToken)
            {
                var records = await consumer.ReceiveAsync(maxRecords, cancellationToken);
                if (records.Count > 0)
                {
                    await read(records);
                }

                return records;
            }

            public ValueTask DisposeAsync() => consumer.DisposeAsync();
        }
    }
}
