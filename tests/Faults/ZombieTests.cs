using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>
/// A process that stands still, is taken for dead and replaced, and then goes on where it stood. Its sessions are ended as a
/// server does that no longer hears of it.
/// </summary>
[Collection(EventPathCampaigns.Name)]
public sealed class ZombieTests(ITestOutputHelper output)
{
    private const int Rounds = 10;
    private const int Rate = 1500;

    /// <summary>Holders of the advisory lock of the relay, or of a group's membership, and transactions that would keep their rows locked.</summary>
    private const string Doomed = "(pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted) OR state <> 'idle')";

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql)]
    [InlineData(StreamUnderTest.PostgreSqlApart)]
    public async Task A_frozen_leader_publishes_nothing_after_it_was_replaced(string streamEngine)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(Rate);
        await path.StartAsync("consumer", 1);
        var relays = await path.StartAsync("relay", 2);
        for (var round = 0; round < Rounds; round++)
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

        await path.SettleAsync(output, $"leader frozen, replaced and continued ({streamEngine})", Rounds);
    }

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql)]
    [InlineData(StreamUnderTest.PostgreSqlApart)]
    public async Task A_frozen_consumer_has_no_effect_after_it_was_replaced(string streamEngine)
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(streamEngine)).WithShortWaits());
        await path.Ledger.StartAsync(Rate);
        await path.StartAsync("relay", 1);
        var consumers = await path.StartAsync("consumer", 2);
        for (var round = 0; round < Rounds; round++)
        {
            var (frozen, other) = (consumers[round % 2], consumers[(round + 1) % 2]);
            await path.OwnsAsync(frozen);
            await path.OwnsAsync(other);
            await frozen.FreezeAsync();

            // In every other round it keeps the sessions that are idle: its next commit arrives, with an epoch that is over.
            await EndSessionsAsync(path.Database, frozen, round % 2 == 0 ? Doomed : "true");
            await path.WaitAsync(
                async () => await path.Database.ScalarAsync<bool>($"SELECT NOT EXISTS (SELECT FROM ledger.consumer_offset WHERE owner = '{frozen.Instance}')"),
                $"{other.Instance} has all of {frozen.Instance}");
            await path.ProgressAsync(300);
            await frozen.ContinueAsync();
        }

        await path.SettleAsync(output, $"consumer frozen, replaced and continued ({streamEngine})", Rounds);
    }

    private static Task EndSessionsAsync(TestDatabase database, HostProcess host, string which) => database.ExecuteAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = ANY(ARRAY[{string.Join(',', host.Ports().Append(0))}]) AND {which}");
}
