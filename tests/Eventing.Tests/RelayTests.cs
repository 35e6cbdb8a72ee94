using Platform.Contracts.Events;
using Platform.Eventing.Database;
using Platform.Eventing.Relay;
using Platform.Eventing.Streams;
using Platform.Eventing.Tests.Conformance;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>One leader a schema, and a fence against the one that does not know that it was replaced.</summary>
public sealed class RelayTests
{
    [Fact]
    public async Task Only_one_relay_leads_and_the_next_takes_over_when_it_goes()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        await Eventually.IsTrueAsync(
            async () => await instance.Database.ScalarAsync<long>("SELECT epoch FROM sample.relay_leader") == 1, "the instance's own relay leads");
        await using var other = Relay(instance, new Capture());
        Assert.False(await other.TryLeadAsync(default));
        await instance.StopAsync();
        await Eventually.IsTrueAsync(() => other.TryLeadAsync(default), "the lock, which goes when the server sees the session end");
    }

    [Theory, EveryStream]
    public async Task A_leader_that_was_overtaken_publishes_nothing_more_although_its_session_lives(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync(consume: false);
        await instance.StopAsync();
        await using var relay = Relay(instance, instance.Stream);
        await Eventually.IsTrueAsync(() => relay.TryLeadAsync(default), "the lock is free");
        await instance.PublishAsync("key", 1);
        Assert.Equal(1, await relay.RunOnceAsync(10, default));

        await instance.Database.ExecuteAsync("UPDATE sample.relay_leader SET epoch = epoch + 1, instance = 'another'");
        await instance.PublishAsync("key", 2);
        await Assert.ThrowsAsync<RelayFencedException>(() => relay.RunOnceAsync(10, default));
        Assert.Equal(1, (await instance.Stream.ReadHeadsAsync(Topics.Core, default)).Values.Sum());
        Assert.Equal(1L, await instance.CountAsync("sample.outbox"));
        await using var other = Relay(instance, new Capture());
        Assert.False(await other.TryLeadAsync(default));
    }

    [Fact]
    public async Task What_the_stream_refused_stays_in_the_outbox()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        await instance.StopAsync();
        await InsertAsync(instance);
        await using (var failing = Relay(instance, new Capture { Fails = true }))
        {
            Assert.True(await failing.TryLeadAsync(default));
            await Assert.ThrowsAsync<IOException>(() => failing.RunOnceAsync(10, default));
        }

        Assert.Equal(1L, await instance.CountAsync("sample.outbox"));
        var capture = new Capture();
        await using var relay = Relay(instance, capture);
        await Eventually.IsTrueAsync(() => relay.TryLeadAsync(default), "the lock is free");
        Assert.Equal(1, await relay.RunOnceAsync(10, default));
        Assert.Single(capture.Appended);
        Assert.Equal(0L, await instance.CountAsync("sample.outbox"));
    }

    private static OutboxRelay Relay(SampleInstance instance, IEventStream stream) =>
        new(instance.Service, stream, DataSources.Dedicated(instance.Database.ConnectionString), "test");

    private static Task InsertAsync(SampleInstance instance) => instance.Database.ExecuteAsync($"""
        INSERT INTO sample.outbox (topic, partition, key, id, headers, payload) VALUES ('{Topics.Core.Name}', 0, 'k', gen_random_uuid(), '{"{}"}', '')
        """);

    /// <summary>Takes what a relay appends.</summary>
    private sealed class Capture : IEventStream
    {
        public List<OutboxRecord> Appended { get; } = [];
        public bool Fails { get; init; }
        public string Engine => "capture";

        public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task MaintainAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<Action> AppendAsync(IReadOnlyList<OutboxRecord> records, Npgsql.NpgsqlConnection? relay, CancellationToken cancellationToken)
        {
            if (Fails)
            {
                throw new IOException("the stream is away");
            }

            Appended.AddRange(records);
            return Task.FromResult<Action>(() => { });
        }

        public Task<IReadOnlyDictionary<TopicPartition, long>> ReadHeadsAsync(Topic topic, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IStreamConsumer Join(Consumers.ConsumerGroup group) => throw new NotSupportedException();
    }
}
