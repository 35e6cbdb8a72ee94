using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.Eventing.Tests.Conformance;

/// <summary>How instances share a group's partitions.</summary>
public sealed class MembershipTests
{
    private const string Group = "sample.members";

    [Theory, EveryStream]
    public async Task Members_share_all_partitions_and_each_has_its_own(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var readers = new List<Reader>();
        try
        {
            foreach (var size in new[] { 1, 2, 5 })
            {
                while (readers.Count < size)
                {
                    readers.Add(new Reader((await under.OpenAsync()).Join(Group)).Start());
                }

                await IsSharedAsync(readers);
            }

            while (readers.Count > 1)
            {
                await readers[^1].DisposeAsync();
                readers.RemoveAt(readers.Count - 1);
            }

            await IsSharedAsync(readers);
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    [Theory, EveryStream]
    public async Task A_new_owner_goes_on_where_it_is_told(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var member = await under.OpenAsync();
        await member.AppendAsync([.. Enumerable.Range(0, 200).Select(i => under.Record($"key{i}", i))]);
        var first = new Reader((await under.OpenAsync()).Join(Group));
        await first.UntilAsync(() => first.Records.Count == 200, "all of them");
        await first.DisposeAsync();

        await member.AppendAsync([.. Enumerable.Range(200, 100).Select(i => under.Record($"key{i}", i))]);
        await using var second = new Reader((await under.OpenAsync()).Join(Group));
        foreach (var (partition, next) in first.Starts)
        {
            second.Starts[partition] = next;
        }

        await second.UntilAsync(() => second.Records.Count >= 100, "what came since");
        Assert.Equal(100, second.Records.Count);
    }

    private static Task IsSharedAsync(List<Reader> readers) => Eventually.IsTrueAsync(() =>
    {
        var shares = readers.Select(r => r.Consumer.Assigned).ToArray();
        var all = shares.SelectMany(s => s).ToArray();
        return Task.FromResult(
            all.Length == Topics.Core.Partitions && all.Distinct().Count() == all.Length
            && shares.All(s => s.Count >= Topics.Core.Partitions / readers.Count));
    }, $"{readers.Count} members share the partitions", TimeSpan.FromSeconds(60));
}
