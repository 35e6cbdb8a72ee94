using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>Whose turn it is within a queue, and how a queue that waits gains weight.</summary>
public sealed class LaneTurnsTests
{
    private static readonly LaneKey Crowd = Lane(1);
    private readonly TestClock _clock = new();

    [Fact]
    public void Lanes_take_turns_however_much_one_has()
    {
        var buffer = Buffer(concurrency: 1);
        Add(buffer, Crowd, 100);
        Add(buffer, Lane(2), 3);
        Add(buffer, Lane(3), 3);
        var starts = new List<LaneKey>();
        while (buffer.TryStart(out var lane))
        {
            starts.Add(lane);
            buffer.Finished("default", lane);
        }

        Assert.Equal([Crowd, Lane(2), Lane(3), Crowd, Lane(2), Lane(3), Crowd, Lane(2), Lane(3), Crowd], starts.Take(10));
        Assert.Equal(106, starts.Count);
    }

    [Fact]
    public void Long_work_of_one_lane_leaves_slots_for_the_first_of_others()
    {
        var buffer = Buffer(concurrency: 32);
        Add(buffer, Crowd, 100);
        Assert.Equal(28, StartAll(buffer).Count);

        // It wants no more, and another is looked for all the same.
        Assert.Equal(0, buffer.RoomOf(0, Crowd, 0));
        Assert.Equal(4, buffer.Asks(0)[0]);
        Assert.Equal(2, buffer.RoomOf(0, Lane(2), 0));
        for (byte i = 2; i < 5; i++)
        {
            Add(buffer, Lane(i), 10);
            Assert.Contains(Lane(i), StartAll(buffer));
        }
    }

    [Fact]
    public void What_a_crowd_gives_up_goes_to_those_with_less()
    {
        var buffer = Buffer(concurrency: 16);
        Add(buffer, Crowd, 100);
        var running = StartAll(buffer);
        Assert.Equal(14, running.Count);
        Add(buffer, Lane(2), 100);
        for (var i = 0; i < 14; i++)
        {
            buffer.Finished("default", Crowd);
            running.AddRange(StartAll(buffer));
        }

        Assert.InRange(running.Skip(14).Count(l => l == Lane(2)), 6, 9);
    }

    [Fact]
    public void A_lane_that_is_alone_uses_all_slots_of_a_small_process()
    {
        var buffer = Buffer(concurrency: 4);
        Add(buffer, Crowd, 10);
        Assert.Equal(4, StartAll(buffer).Count);
    }

    [Fact]
    public void A_queue_whose_oldest_item_waits_gains_weight_up_to_the_heaviest()
    {
        Assert.InRange(BulkShareAfter(TimeSpan.Zero), 95, 110);
        Assert.InRange(BulkShareAfter(TimeSpan.FromMinutes(1)), 138, 148);
        Assert.InRange(BulkShareAfter(TimeSpan.FromHours(5)), 325, 340);
    }

    /// <summary>Of 1,000 starts, while all queues have work that has waited.</summary>
    private int BulkShareAfter(TimeSpan waited)
    {
        var buffer = new FairBuffer<LaneKey>(
            new() { Queues = [new("critical", 6), new("default", 3), new("bulk", 1)], Concurrency = 8, Ageing = TimeSpan.FromMinutes(1) }, _clock);
        for (var i = 0; i < 1000; i++)
        {
            buffer.Add("critical", Lane(1), Lane(1), TimeSpan.FromHours(9));
            buffer.Add("default", Lane(2), Lane(2), TimeSpan.Zero);
            buffer.Add("bulk", Lane(3), Lane(3), TimeSpan.Zero);
        }

        _clock.Advance(waited);
        var bulk = 0;
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(buffer.TryStart(out var lane));
            buffer.Finished(lane == Lane(1) ? "critical" : lane == Lane(2) ? "default" : "bulk", lane);
            bulk += lane == Lane(3) ? 1 : 0;
        }

        return bulk;
    }

    private FairBuffer<LaneKey> Buffer(int concurrency) => new(new() { Concurrency = concurrency }, _clock);

    private static void Add(FairBuffer<LaneKey> buffer, LaneKey lane, int count)
    {
        for (var i = 0; i < count; i++)
        {
            buffer.Add("default", lane, lane, TimeSpan.Zero);
        }
    }

    private static List<LaneKey> StartAll(FairBuffer<LaneKey> buffer)
    {
        var started = new List<LaneKey>();
        while (buffer.TryStart(out var lane))
        {
            started.Add(lane);
        }

        return started;
    }

    private static LaneKey Lane(byte number) => new(new Guid(number, 0, 0, new byte[8]), "");
}
