using System.Security.Cryptography;
using System.Text;
using Platform.Contracts.Events;
using Platform.Eventing.Streams;
using Platform.Testing;

namespace Platform.Eventing.Tests.Conformance;

/// <summary>What a stream promises, whatever it runs on.</summary>
public sealed class StreamTests
{
    [Theory, EveryStream]
    public async Task What_is_appended_is_read_with_the_same_bytes(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        OutboxRecord[] sent =
        [
            under.Record("plain", 1),
            under.Record("größe/\"quoted\"\\\u2028🚀", 2),
            under.Record("empty", 3, payload: []),
            under.Record("binary", 4, payload: [0, 255, 0, 1]),
            under.Record("large", 5, payload: RandomNumberGenerator.GetBytes(1024 * 1024)),
        ];
        await member.AppendAsync(sent);

        await using var reader = new Reader(member.Join("sample.bytes"));
        await reader.UntilAsync(() => reader.Records.Count >= sent.Length, "all records");
        foreach (var expected in sent)
        {
            var read = Assert.Single(reader.Records, r => r.Id == expected.Id);
            Assert.Equal(expected.Topic, read.Topic);
            Assert.Equal(expected.Partition, read.Partition);
            Assert.Equal(expected.Key, read.Key);
            Assert.True(expected.Payload.AsSpan().SequenceEqual(read.Payload));
            Assert.Equal(Headers(expected.Headers), Headers(read.Headers));
        }
    }

    [Theory, EveryStream]
    public async Task Offsets_are_dense_and_in_the_order_of_the_append(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        var sent = Enumerable.Range(0, 2000).Select(i => under.Record($"key{i % 50}", i)).ToArray();
        foreach (var chunk in sent.Chunk(300))
        {
            await member.AppendAsync(chunk);
        }

        await using var reader = new Reader(member.Join("sample.order"));
        await reader.UntilAsync(() => reader.Records.Count >= sent.Length, "all records");
        foreach (var partition in reader.Records.GroupBy(r => r.Partition))
        {
            Assert.Equal(Enumerable.Range(0, partition.Count()).Select(i => (long)i), partition.Select(r => r.Offset));
            Assert.Equal(sent.Where(s => s.Partition == partition.Key).Select(s => s.Id), partition.Select(r => r.Id));
        }

        var heads = await member.Stream.ReadHeadsAsync(Topics.Core, CancellationToken.None);
        Assert.Equal(sent.Length, heads.Values.Sum());
        Assert.All(reader.Records.GroupBy(r => r.Partition), p => Assert.Equal(p.Count(), heads[new(Topics.Core.Name, p.Key)]));
    }

    [Theory, EveryStream]
    public async Task A_reader_starts_where_it_seeks_to_and_can_go_back(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await member.AppendAsync([.. Enumerable.Range(0, 100).Select(i => under.Record("one", i))]);
        var partition = new TopicPartition(Topics.Core.Name, under.Record("one", 0).Partition);

        await using var reader = new Reader(member.Join("sample.seek"));
        reader.Starts[partition] = 40;
        await reader.UntilAsync(() => reader.Records.Count >= 60, "the rest");
        Assert.Equal(Enumerable.Range(40, 60).Select(i => (long)i), reader.Records.Select(r => r.Offset));

        // As after a batch that was rolled back.
        reader.Records.Clear();
        reader.Consumer.Forget(partition);
        reader.Consumer.Seek(partition, 10);
        await reader.UntilAsync(() => reader.Records.Count >= 90, "from the place it went back to");
        Assert.Equal(Enumerable.Range(10, 90).Select(i => (long)i), reader.Records.Select(r => r.Offset));
    }

    [Theory, EveryStream]
    public async Task A_forgotten_partition_is_silent_until_it_is_sought(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await member.AppendAsync(under.Record("a", 1), under.Record("b", 1));
        Assert.NotEqual(under.Record("a", 0).Partition, under.Record("b", 0).Partition);
        var a = new TopicPartition(Topics.Core.Name, under.Record("a", 0).Partition);

        await using var reader = new Reader(member.Join("sample.forget"));
        await reader.UntilAsync(() => reader.Records.Count >= 2, "both");
        reader.Consumer.Forget(a);
        await member.AppendAsync(under.Record("a", 2), under.Record("b", 2));
        await reader.UntilAsync(() => reader.Records.Count(r => r.Key == "b") == 2, "the other one");
        for (var i = 0; i < 5; i++)
        {
            await reader.TurnAsync();
        }

        Assert.Single(reader.Records, r => r.Key == "a");
        reader.Consumer.Seek(a, 1);
        await reader.UntilAsync(() => reader.Records.Count(r => r.Key == "a") == 2, "it again");
    }

    [Theory, EveryStream]
    public async Task Nothing_new_returns_nothing_within_the_poll_interval(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await using var reader = new Reader(member.Join("sample.idle"));
        await reader.UntilAsync(() => reader.Consumer.Assigned.Count == Topics.Core.Partitions, "its partitions");
        await reader.TurnAsync();
        var turn = reader.TurnAsync();
        Assert.Empty(await turn.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Theory, EveryStream]
    public async Task A_call_returns_no_more_than_it_was_asked_for(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await member.AppendAsync([.. Enumerable.Range(0, 300).Select(i => under.Record($"key{i}", i))]);
        await using var reader = new Reader(member.Join("sample.max"));
        var largest = 0;
        await Eventually.IsTrueAsync(async () =>
        {
            largest = Math.Max(largest, (await reader.TurnAsync(max: 24)).Count);
            return reader.Records.Count == 300;
        }, "all records");
        Assert.InRange(largest, 1, 24);
    }

    [Theory, EveryStream]
    public async Task A_batch_of_large_records_is_bounded_in_bytes(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        for (var i = 0; i < 36; i++)
        {
            await member.AppendAsync(under.Record($"key{i}", i, payload: RandomNumberGenerator.GetBytes(1024 * 1024)) with { Partition = i % Topics.Core.Partitions });
        }

        await using var reader = new Reader(member.Join("sample.large"));
        var largest = 0L;
        await Eventually.IsTrueAsync(async () =>
        {
            largest = Math.Max(largest, (await reader.TurnAsync(max: 500)).Sum(r => (long)r.Payload.Length));
            return reader.Records.Count == 36;
        }, "all records", TimeSpan.FromSeconds(60));
        Assert.InRange(largest, 1, 24 * 1024 * 1024);
    }

    [Theory, EveryStream]
    public async Task Several_topics_of_a_group_are_read_together(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await member.AppendAsync(under.Record("a", 1), under.Record("a", 1, Topics.Audit), under.Record("a", 1, Topics.Analytics));
        await using var reader = new Reader(member.Join("sample.topics", Topics.Core, Topics.Audit, Topics.Analytics));
        await reader.UntilAsync(() => reader.Records.Select(r => r.Topic).Distinct().Count() == 3, "one of each");
    }

    [Theory, EveryStream]
    public async Task Each_group_reads_everything(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await member.AppendAsync([.. Enumerable.Range(0, 50).Select(i => under.Record($"key{i}", i))]);
        await using var first = new Reader(member.Join("sample.first"));
        await using var second = new Reader(member.Join("sample.second"));
        await first.UntilAsync(() => first.Records.Count == 50, "the first group");
        await second.UntilAsync(() => second.Records.Count == 50, "the second group");
    }

    [Theory, EveryStream]
    public async Task Instances_at_once_prepare_the_stream_once(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var members = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => under.OpenAsync()));
        await Task.WhenAll(members.Select(m => m.AppendAsync(under.Record("a", 1))));
        Assert.Equal(4, (await members[0].Stream.ReadHeadsAsync(Topics.Core, CancellationToken.None)).Values.Sum());
    }

    private static SortedDictionary<string, string> Headers(string json) =>
        new(System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(Encoding.UTF8.GetBytes(json))!, StringComparer.Ordinal);
}
