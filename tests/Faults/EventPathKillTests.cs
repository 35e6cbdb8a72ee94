using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>Campaigns on the event path run one after the other: each wants the machine.</summary>
[CollectionDefinition(Name)]
public sealed class EventPathCampaigns
{
    public const string Name = "event path";
}

/// <summary>SIGKILL of what moves events, under load, over and over.</summary>
[Collection(EventPathCampaigns.Name)]
public sealed class EventPathKillTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int Rate = 1000;

    // Two instances at work, and a third that is starting: what is killed next need not wait for what was killed last.
    private const int Instances = 3;

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql, Kills)]
    [InlineData(StreamUnderTest.PostgreSqlApart, 20)]
    public async Task Kills_of_the_relays_leader(string streamEngine, int kills)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(Rate);
        await path.StartAsync("consumer", 1);
        var relays = await path.StartAsync("relay", Instances);
        for (var kill = 0; kill < kills; kill++)
        {
            await path.ProgressAsync();
            var leader = await path.LeaderAsync();
            var killed = Assert.Single(relays, r => r.Instance == leader);
            relays.Remove(killed);
            relays.Add(path.Launch("relay"));
            await killed.KillAsync();
            await path.LeaderChangesAsync(leader);
        }

        await path.SettleAsync(output, $"relay's leader killed ({streamEngine})", kills);
    }

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql)]
    public async Task Kills_of_consumers(string streamEngine)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(Rate);
        await path.StartAsync("relay", 1);
        var consumers = new Queue<HostProcess>(await path.StartAsync("consumer", Instances));
        for (var kill = 0; kill < Kills; kill++)
        {
            await path.ProgressAsync();
            var killed = consumers.Dequeue();
            await path.OwnsAsync(killed);
            consumers.Enqueue(path.Launch("consumer"));
            await killed.KillAsync();
        }

        await path.SettleAsync(output, $"consumers killed ({streamEngine})", Kills);
    }

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql)]
    public async Task Instances_join_and_leave(string streamEngine)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(Rate);
        var members = new Queue<HostProcess>(await path.StartAsync("both", 2));
        var changes = 0;
        foreach (var size in new[] { 5, 2, 4, 1, 5, 3, 5, 2 })
        {
            var joining = await path.StartAsync("both", Math.Max(0, size - members.Count));
            joining.ForEach(members.Enqueue);
            changes += joining.Count;
            for (; members.Count > size; changes++)
            {
                var leaving = members.Dequeue();
                await (changes % 2 == 0 ? leaving.KillAsync() : leaving.TerminateAsync());
            }

            foreach (var member in members)
            {
                await path.OwnsAsync(member);
            }

            await path.ProgressAsync(500);
        }

        await path.SettleAsync(output, $"instances joined and left ({streamEngine})", changes);
    }
}
