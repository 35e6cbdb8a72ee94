using System.Diagnostics;
using Platform.Contracts.Events;
using Platform.Faults.Host;
using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>What brokers do to their clients, one after the other under one load. Runs beside the other campaigns: it mostly waits.</summary>
public sealed class BrokerFaultTests(ITestOutputHelper output)
{
    private const int Rate = 400;
    private const int NotLeader = 6;
    private const int TimedOut = 7;
    private const int CoordinatorLoads = 14;
    private const int CoordinatorAway = 15;
    private const int NotCoordinator = 16;
    private const int NotEnoughReplicas = 19;
    private const int NotEnoughReplicasAfterAppend = 20;
    private const int UnknownMember = 25;
    private const int RebalanceInProgress = 27;
    private const int OutOfOrder = 45;
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(30);
    private static readonly string[] Groups = [LedgerEvents.EntriesGroup, LedgerEvents.EchoesGroup];
    private static readonly Topic[] Both = [LedgerEvents.Entries, LedgerEvents.Echoes];
    private int _faults;

    [Fact]
    public async Task Brokers_go_and_come_and_move_and_refuse()
    {
        await using var path = await EventPath.CreateAsync((await StreamUnderTest.CreateAsync(StreamUnderTest.OnKafka)).WithShortWaits());
        var kafka = path.Kafka;
        Lead(kafka, turn: 0);
        await path.Ledger.StartAsync(Rate);
        await path.StartAsync("both", 2);
        await path.ProgressAsync(500);

        await StepAsync("leaders move", () => MoveLeadersAsync(path));
        await StepAsync("coordinators move", () => MoveCoordinatorsAsync(path));
        await StepAsync("appends are refused", () => RefuseAppendsAsync(path));
        await StepAsync("group requests are refused", () => RefuseMembersAsync(path));
        await StepAsync("acknowledgements are lost", () => LoseAcknowledgementsAsync(path));
        await StepAsync("one broker away, its partitions led by others", () => BrokerAwayAsync(path, 1, failover: true));
        await StepAsync("one broker away, its partitions led by none", () => BrokerAwayAsync(path, 2, failover: false));
        await StepAsync("all brokers away", () => AllAwayAsync(path));
        await path.SettleAsync(output, "broker faults (kafka)", _faults);
    }

    private async Task MoveLeadersAsync(EventPath path)
    {
        for (var turn = 1; turn <= 10; turn++)
        {
            Lead(path.Kafka, turn);
            _faults++;
            await path.ProgressAsync(200);
        }
    }

    private async Task MoveCoordinatorsAsync(EventPath path)
    {
        for (var turn = 1; turn <= 4; turn++)
        {
            // In every other turn a member has come. Nobody is joining when the coordinator goes: the mock cluster aborts the process on a member that joins
            // at its new coordinator before the old one has answered.
            var joining = turn % 2 == 0 ? path.Launch("consumer") : null;
            if (joining is not null)
            {
                await joining.ReadyAsync();
                await path.OwnsAsync(joining);
            }

            Coordinate(path.Kafka, 1 + (turn % MockKafka.Brokers));
            _faults++;
            await path.ProgressAsync(200);
            if (joining is not null)
            {
                await joining.TerminateAsync();
                await path.OwnsNothingAsync(joining);
            }
        }
    }

    private async Task RefuseAppendsAsync(EventPath path)
    {
        foreach (var error in new[] { NotLeader, TimedOut, NotEnoughReplicas, NotEnoughReplicasAfterAppend, OutOfOrder })
        {
            // Others than a multiple of the requests of one append, so that later ones overtake earlier ones where they may.
            foreach (var count in new[] { 1, 2, 7 })
            {
                path.Kafka.FailNext(KafkaRequest.Produce, [.. Enumerable.Repeat(error, count)]);
                _faults += count;
                await path.ProgressAsync(200);
            }
        }
    }

    private async Task RefuseMembersAsync(EventPath path)
    {
        foreach (var error in new[] { CoordinatorLoads, CoordinatorAway, NotCoordinator, RebalanceInProgress, UnknownMember })
        {
            path.Kafka.FailNext(KafkaRequest.Heartbeat, error, error, error);
            path.Kafka.FailNext(KafkaRequest.JoinGroup, error, error, error);
            path.Kafka.FailNext(KafkaRequest.OffsetCommit, error);
            _faults += 7;

            // Every member asks several times meanwhile.
            await path.ProgressAsync(Rate * 4);
        }
    }

    /// <summary>A broker that is slow to answer and goes away has written what it never acknowledged.</summary>
    private async Task LoseAcknowledgementsAsync(EventPath path)
    {
        for (var turn = 0; turn < 5; turn++)
        {
            var broker = 1 + (turn % MockKafka.Brokers);
            path.Kafka.SetRoundTrip(broker, 400);
            await path.ProgressAsync(200);
            path.Kafka.SetDown(broker);
            path.Kafka.SetRoundTrip(broker, 0);
            path.Kafka.SetUp(broker);
            _faults++;
            await path.ProgressAsync(200);
        }
    }

    private async Task BrokerAwayAsync(EventPath path, int broker, bool failover)
    {
        var since = Stopwatch.StartNew();
        path.Kafka.SetDown(broker);
        _faults++;
        if (failover)
        {
            Lead(path.Kafka, turn: 0, without: broker);
            Coordinate(path.Kafka, 1 + (broker % MockKafka.Brokers));
            while (since.Elapsed < Away)
            {
                await path.ProgressAsync(500);
            }
        }
        else
        {
            await Task.Delay(Away - since.Elapsed);
        }

        path.Kafka.SetUp(broker);
        Lead(path.Kafka, turn: 0);
        await path.ProgressAsync(500);
    }

    private async Task AllAwayAsync(EventPath path)
    {
        for (var broker = 1; broker <= MockKafka.Brokers; broker++)
        {
            path.Kafka.SetDown(broker);
            _faults++;
        }

        await Task.Delay(TimeSpan.FromSeconds(10));
        Assert.InRange(await path.Database.ScalarAsync<long>("SELECT count(*) FROM ledger.outbox"), Rate * 4, long.MaxValue);
        for (var broker = 1; broker <= MockKafka.Brokers; broker++)
        {
            path.Kafka.SetUp(broker);
        }

        await path.WaitAsync(async () => await path.Database.ScalarAsync<long>("SELECT count(*) FROM ledger.outbox") < Rate, "the outbox drains");
    }

    /// <summary>Spreads the partitions over the brokers that are up, another way each turn.</summary>
    private static void Lead(MockKafka kafka, int turn, int without = 0)
    {
        var brokers = Enumerable.Range(1, MockKafka.Brokers).Where(b => b != without).ToArray();
        foreach (var topic in Both)
        {
            for (var partition = 0; partition < topic.Partitions; partition++)
            {
                kafka.MoveLeader(topic.Name, partition, brokers[(partition + turn) % brokers.Length]);
            }
        }
    }

    private static void Coordinate(MockKafka kafka, int broker)
    {
        foreach (var group in Groups)
        {
            kafka.MoveCoordinator(group, broker);
        }
    }

    private async Task StepAsync(string what, Func<Task> step)
    {
        var started = Stopwatch.GetTimestamp();
        await Console.Out.WriteLineAsync($"  {what} ...");
        await step();
        var line = $"  {what}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, {_faults} faults so far";
        output.WriteLine(line);
        await Console.Out.WriteLineAsync(line);
    }
}
