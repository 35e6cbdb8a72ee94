using System.Diagnostics;
using Npgsql;
using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>Transactions that stay open for a minute in the middle of the load. Runs beside the other campaigns: it mostly waits.</summary>
public sealed class HeldTransactionTests(ITestOutputHelper output)
{
    private const int Rate = 400;
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql)]
    public async Task What_commits_late_is_not_lost_and_holds_nobody_up(string streamEngine)
    {
        await using var path = await EventPath.CreateAsync(await StreamUnderTest.CreateAsync(streamEngine));
        await path.Ledger.OpenAsync("early", "contended");
        await path.Ledger.StartAsync(Rate);
        await path.StartAsync("both", 2);
        await path.ProgressAsync();

        // A position that thousands of later ones overtake, and a snapshot that keeps every deleted row of the outbox.
        var early = await path.Ledger.BeginAsync("early");
        await using var reader = await path.Ledger.ConnectAsync();
        await using var snapshot = await reader.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await ExecuteAsync(reader, "SELECT count(*) FROM ledger.outbox");

        var longest = 0.0;
        var contended = Task.CompletedTask;
        var held = Stopwatch.StartNew();
        for (var pass = 0; held.Elapsed < Held; pass++)
        {
            if (contended.IsCompleted)
            {
                await contended;
                contended = ContendAsync(path);
            }

            var before = Stopwatch.GetTimestamp();
            await path.ProgressAsync(200);
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }

        await contended;
        var waiting = await path.Database.ScalarAsync<long>("SELECT count(*) FROM ledger.outbox");
        Assert.Equal(0L, await path.Database.ScalarAsync<long>("SELECT count(*) FROM ledger.effect WHERE key = 'early'"));
        await early.CommitAsync();
        await path.WaitAsync(
            async () => await path.Database.ScalarAsync<long>("SELECT count(*) FROM ledger.effect WHERE key = 'early'") == 2, "both effects of the early position");
        await snapshot.RollbackAsync();
        Assert.True(longest < 10, $"200 effects took {longest:F1} s");
        Assert.True(waiting < Rate * 10, $"{waiting} events wait in the outbox");
        await path.SettleAsync(output, $"transactions held for {Held.TotalSeconds} s ({streamEngine}; longest wait for 200 effects {longest:F1} s, {waiting} in the outbox at the end)", 2);
    }

    /// <summary>Two transactions on one key, the second one older than the first's commit: the row's lock decides which is first.</summary>
    private static async Task ContendAsync(EventPath path)
    {
        var first = await path.Ledger.BeginAsync("contended");
        var second = path.Ledger.BeginAsync("contended");
        await path.ProgressAsync();
        Assert.False(second.IsCompleted);
        await first.CommitAsync();
        await (await second).CommitAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteScalarAsync();
    }
}
