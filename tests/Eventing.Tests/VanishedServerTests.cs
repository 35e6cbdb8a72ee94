using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Streams.Postgres;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>A connection whose other end has gone without a word.</summary>
public sealed class VanishedServerTests
{
    [Fact]
    public async Task A_listener_notices_and_listens_anew()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var proxy = new SilentProxy(database.ConnectionString);
        await using var sources = new DataSources(new ConfigurationBuilder().Build());
        using var notifier = new Notifier(sources, TimeProvider.System, NullLogger<Notifier>.Instance) { RoundsPerProbe = 1 };
        var received = 0;
        using var subscription = notifier.Subscribe(proxy.ConnectionString, "c", _ => Interlocked.Increment(ref received));
        await notifier.StartAsync(CancellationToken.None);
        await NotifiedAsync("a notification");
        proxy.Vanish();
        received = 0;
        await NotifiedAsync("one after the server vanished");
        await notifier.StopAsync(CancellationToken.None);

        Task NotifiedAsync(string what) => Eventually.IsTrueAsync(async () =>
        {
            await notifier.NotifyAsync(database.ConnectionString, "c", "p", CancellationToken.None);
            return received > 0;
        }, what);
    }

    [Fact]
    public async Task A_group_member_gives_up_within_seconds_and_joins_anew_and_leaving_never_fails()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var proxy = new SilentProxy(database.ConnectionString);
        await using var membership = new MembershipSession();
        Assert.Equal(7, Assert.Single(await membership.JoinAsync(proxy.ConnectionString, "g", 7, CancellationToken.None)));
        proxy.Vanish();
        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => membership.JoinAsync(proxy.ConnectionString, "g", 7, CancellationToken.None));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "all groups share the session");
        Assert.Contains(8, await membership.JoinAsync(proxy.ConnectionString, "g", 8, CancellationToken.None));
        proxy.Vanish();
        await membership.LeaveAsync(proxy.ConnectionString, "g", 8);
    }
}
