using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;
using Platform.Faults.Host;
using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>
/// The event path under fault: a ledger that writes, processes that relay and consume, and the count at the end. Entries go
/// to a first group, which emits an echo of each to a second group.
/// </summary>
internal sealed class EventPath : IAsyncDisposable
{
    /// <summary>
    /// The groups whose every partition has events, for SQL. A group without events (the service's control group) may name an owner that is gone: who
    /// was overtaken for a moment learns it, and claims again, with the next event.
    /// </summary>
    public const string UnderLoad = $"'{LedgerEvents.EntriesGroup}', '{LedgerEvents.EchoesGroup}'";
    private static readonly string[] Groups = [LedgerEvents.EntriesGroup, LedgerEvents.EchoesGroup];
    private readonly StreamUnderTest _stream;
    private readonly IHost _observer;
    private readonly List<HostProcess> _hosts = [];
    private readonly long _started = Stopwatch.GetTimestamp();

    private EventPath(StreamUnderTest stream, IHost observer)
    {
        _stream = stream;
        _observer = observer;
        Ledger = new(stream.Database);
    }

    public Ledger Ledger { get; }

    public TestDatabase Database => _stream.Database;

    /// <summary>The cluster under the path; only where the stream is on Kafka.</summary>
    public MockKafka Kafka => _stream.Kafka!;

    /// <summary>Makes the tables; starts nothing.</summary>
    public static async Task<EventPath> CreateAsync(StreamUnderTest stream)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(stream.Settings);
        builder.Services.AddEventing<LedgerDatabase>();
        var observer = builder.Build();
        await observer.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);
        return new(stream, observer);
    }

    /// <summary>Starts an instance with a name of its own and does not wait for it.</summary>
    public HostProcess Launch(string role)
    {
        var host = HostProcess.Start(role, $"{role}-{_hosts.Count + 1}", _stream.Settings);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Starts instances and waits until they are ready.</summary>
    public async Task<List<HostProcess>> StartAsync(string role, int count)
    {
        var hosts = Enumerable.Range(0, count).Select(_ => Launch(role)).ToList();
        await Task.WhenAll(hosts.Select(h => h.ReadyAsync()));
        return hosts;
    }

    public Task<string> LeaderAsync() => Database.ScalarAsync<string>("SELECT instance FROM ledger.relay_leader");

    public Task<long> HandledAsync() => Database.ScalarAsync<long>("SELECT coalesce(sum(next_offset), 0)::bigint FROM ledger.consumer_offset");

    /// <summary>Until another instance leads the relay.</summary>
    public Task LeaderChangesAsync(string from) => WaitAsync(async () => await LeaderAsync() != from, "another leader than " + from);

    /// <summary>Until so many more events were handled.</summary>
    public async Task ProgressAsync(int events = 100)
    {
        var before = await HandledAsync();
        await WaitAsync(async () => await HandledAsync() >= before + events, $"{events} more events");
    }

    /// <summary>Until an instance owns partitions of the groups under load.</summary>
    public Task OwnsAsync(HostProcess host) =>
        WaitAsync(async () => await Database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM ledger.consumer_offset WHERE owner = '{host.Instance}' AND consumer_group IN ({UnderLoad}))"), host.Instance + " owns partitions");

    /// <summary>Until others own what an instance did.</summary>
    public Task OwnsNothingAsync(HostProcess host) =>
        WaitAsync(async () => await Database.ScalarAsync<bool>($"SELECT NOT EXISTS (SELECT FROM ledger.consumer_offset WHERE owner = '{host.Instance}' AND consumer_group IN ({UnderLoad}))"), host.Instance + " owns nothing");

    /// <summary>Until the condition holds; says what the instances said when it does not.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await HoldsAsync(condition))
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
            {
                Assert.Fail($"not in time: {what}\n{await SessionsAsync()}\n{Said()}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Ends the load, waits until all is handled, and compares the sink with the source.</summary>
    public async Task SettleAsync(ITestOutputHelper output, string campaign, int faults)
    {
        await Ledger.StopAsync();
        var drained = Stopwatch.StartNew();
        while (!await HoldsAsync(IsDrainedAsync) && drained.Elapsed < TimeSpan.FromSeconds(60))
        {
            await Task.Delay(50);
        }

        var wrong = new List<string>();
        foreach (var group in Groups)
        {
            wrong.AddRange(await Balance.CheckAsync(Ledger, Database, group));
        }

        wrong.AddRange(await Balance.CompareAsync(Database, Groups[0], Groups[1]));
        Assert.True(wrong.Count == 0, $"{campaign}: {wrong.Count} faults, the first:\n{string.Join('\n', wrong.Take(20))}\n{Said()}");
        Assert.True(await HoldsAsync(IsDrainedAsync), $"{campaign}: not drained: {await StateAsync()}\n{Said()}");
        Assert.Equal(0L, await Database.ScalarAsync<long>("SELECT (SELECT count(*) FROM ledger.dead_event) + (SELECT count(*) FROM ledger.parked_event)"));
        var effects = await Database.ScalarAsync<long>("SELECT count(*) FROM ledger.effect");
        var line = $"{campaign}: {Ledger.Acknowledged} events acknowledged, {Ledger.Unanswered} unanswered, {effects} effects, {faults} faults, "
            + $"{await HandledAsync() - effects} duplicates dropped, {Stopwatch.GetElapsedTime(_started).TotalSeconds:F0} s";
        output.WriteLine(line);
        await Console.Out.WriteLineAsync(line);
    }

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        _observer.Dispose();
        _stream.Dispose();
    }

    /// <summary>The outbox is empty and both groups are at the heads, asked in the order in which events flow.</summary>
    private async Task<bool> IsDrainedAsync() =>
        await IsOutboxEmptyAsync() && await IsAtHeadsAsync(Groups[0], LedgerEvents.Entries)
        && await IsOutboxEmptyAsync() && await IsAtHeadsAsync(Groups[1], LedgerEvents.Echoes);

    private Task<bool> IsOutboxEmptyAsync() => Database.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM ledger.outbox)");

    private async Task<bool> IsAtHeadsAsync(string group, Topic topic)
    {
        foreach (var (partition, head) in await _observer.Services.GetRequiredService<IEventStream>().ReadHeadsAsync(topic, CancellationToken.None))
        {
            var next = await Database.ScalarAsync<long>(
                $"SELECT coalesce(max(next_offset), 0) FROM ledger.consumer_offset WHERE consumer_group = '{group}' AND topic = '{partition.Topic}' AND partition = {partition.Partition}");
            if (next != head)
            {
                return false;
            }
        }

        return true;
    }

    private Task<string> StateAsync() => Database.ScalarAsync<string>("""
        SELECT format('outbox %s, leader %s, offsets %s', (SELECT count(*) FROM ledger.outbox), (SELECT instance FROM ledger.relay_leader),
            (SELECT string_agg(format('%s/%s@%s %s', topic, partition, next_offset, owner), ', ' ORDER BY topic, partition) FROM ledger.consumer_offset))
        """);

    /// <summary>Who owns what and who waits for whom.</summary>
    private Task<string> SessionsAsync() => Database.ScalarAsync<string>("""
        SELECT format(E'owners %s\nadvisory %s\nsessions %s',
            (SELECT string_agg(format('%s %s/%s %s epoch %s', consumer_group, topic, partition, owner, epoch), ', ' ORDER BY consumer_group, topic, partition) FROM ledger.consumer_offset),
            (SELECT string_agg(format('%s.%s by %s', classid, objid, pid), ', ') FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
            (SELECT string_agg(format('%s port %s %s %s %s waits for %s: %s', pid, client_port, application_name, state, wait_event, pg_blocking_pids(pid), left(regexp_replace(query, '\s+', ' ', 'g'), 90)), E'\n  ')
             FROM pg_stat_activity WHERE datname = current_database()))
        """);

    private string Said() => string.Join('\n', _hosts.TakeLast(6).Select(h => h.Output));

    /// <summary>A server that is being restarted says no, and so does a broker that leads no longer.</summary>
    private static async Task<bool> HoldsAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (Exception e) when (e is NpgsqlException or KafkaException)
        {
            return false;
        }
    }
}
