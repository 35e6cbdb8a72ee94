using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>
/// A process that stands still, is taken for dead and replaced, and then goes on where it stood. That the one that was replaced does nothing more
/// is shown by the tests of the fences, in Eventing.Tests; here, that nothing of it is lost and doubled when it comes back under load.
/// </summary>
public abstract class ZombieCampaigns(ITestOutputHelper output)
{
    /// <summary>Holders of the advisory lock of the relay, or of a group's membership, and transactions that would keep their rows locked.</summary>
    private const string Doomed = "(pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted) OR state <> 'idle')";

    /// <summary>Only transactions that are open.</summary>
    private const string Working = "state <> 'idle'";

    /// <summary>Its sessions are ended as a server does that no longer hears of it.</summary>
    protected async Task FreezeLeadersAsync(string streamEngine, int rounds, int rate)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(rate);
        await path.StartAsync("consumer", 1);
        var relays = await path.StartAsync("relay", 2);
        for (var round = 0; round < rounds; round++)
        {
            await path.ProgressAsync();
            var leader = await path.LeaderAsync();
            var frozen = Assert.Single(relays, r => r.Instance == leader);
            await frozen.FreezeAsync();
            await EndSessionsAsync(path.Database, frozen, Doomed);
            await path.LeaderChangesAsync(leader);
            await path.ProgressAsync(300);
            await frozen.ContinueAsync();
        }

        await path.SettleAsync(output, $"leader frozen, replaced and continued ({streamEngine})", rounds);
    }

    protected async Task FreezeConsumersAsync(string streamEngine, int rounds, int rate)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(rate);
        await path.StartAsync("relay", 1);
        var consumers = await path.StartAsync("consumer", 2);
        for (var round = 0; round < rounds; round++)
        {
            var (frozen, other) = (consumers[round % 2], consumers[(round + 1) % 2]);
            await path.OwnsAsync(frozen);
            await path.OwnsAsync(other);
            await frozen.FreezeAsync();

            // In every other round it keeps the sessions that are idle: its next commit arrives, with an epoch that is over. On Kafka the
            // brokers miss it, and only a transaction that it left open would hold the next owner up, for a minute.
            var doomed = streamEngine == StreamUnderTest.OnKafka ? Working : round % 2 == 0 ? Doomed : "true";
            await path.WaitAsync(
                async () =>
                {
                    // Again and again: what it sent just before it stood still may open a transaction, or take its membership, after the first look.
                    await EndSessionsAsync(path.Database, frozen, doomed);
                    return await path.Database.ScalarAsync<bool>($"SELECT NOT EXISTS (SELECT FROM ledger.consumer_offset WHERE owner = '{frozen.Instance}' AND consumer_group IN ({EventPath.UnderLoad}))");
                },
                $"{other.Instance} has all of {frozen.Instance}");
            await path.ProgressAsync(300);
            await frozen.ContinueAsync();
        }

        await path.SettleAsync(output, $"consumer frozen, replaced and continued ({streamEngine})", rounds);
    }

    private static Task EndSessionsAsync(TestDatabase database, HostProcess host, string which) => database.ExecuteAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = ANY(ARRAY[{string.Join(',', host.Ports().Append(0))}]) AND {which}");
}
