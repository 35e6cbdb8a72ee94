using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>SIGKILL of what moves events, under load, over and over; and instances that come and go.</summary>
public abstract class KillCampaigns(ITestOutputHelper output)
{
    /// <summary>Kills of a campaign: 20, or as many as <c>PLATFORM_FAULT_KILLS</c> says.</summary>
    protected static int Kills { get; } = int.Parse(Environment.GetEnvironmentVariable("PLATFORM_FAULT_KILLS") ?? "20", CultureInfo.InvariantCulture);

    // Two instances at work, and a third that is starting: what is killed next need not wait for what was killed last.
    private const int Instances = 3;

    /// <summary>Kills whichever relay leads, as soon as it has moved events.</summary>
    protected async Task KillLeadersAsync(string streamEngine, int kills, int rate)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(rate);
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

    /// <summary>Kills consumers in the order of their age, each once it owns partitions.</summary>
    /// <param name="patience">As many kills as fit in this time, at most <see cref="Kills"/>.</param>
    protected async Task KillConsumersAsync(string streamEngine, TimeSpan patience, int rate)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(rate);
        await path.StartAsync("relay", 1);
        var consumers = new Queue<HostProcess>(await path.StartAsync("consumer", Instances));
        var started = Stopwatch.StartNew();
        var kills = 0;
        for (; kills < Kills && started.Elapsed < patience; kills++)
        {
            await path.ProgressAsync();
            var killed = consumers.Dequeue();
            await path.OwnsAsync(killed);
            consumers.Enqueue(path.Launch("consumer"));
            await killed.KillAsync();
        }

        await path.SettleAsync(output, $"consumers killed ({streamEngine})", kills);
    }

    /// <summary>Between one and five instances of everything; every other one that leaves is killed.</summary>
    protected async Task JoinAndLeaveAsync(string streamEngine, int rate)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(rate);
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
