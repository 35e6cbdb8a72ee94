using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>Who gets the slots.</summary>
public sealed class FairnessTests
{
    private static readonly WorkQueueOptions Options = new()
    {
        Queues = [new("critical", 6, Reserved: 2), new("default", 3), new("bulk", 1)], Concurrency = 8,
    };

    private static readonly LaneKey One = new(Guid.Empty, "");

    [Fact]
    public void Starts_are_in_proportion_to_the_weights_and_none_starves()
    {
        var buffer = new FairBuffer<string>(Options, new TestClock());
        foreach (var queue in (string[])["critical", "default", "bulk"])
        {
            for (var i = 0; i < 1000; i++)
            {
                buffer.Add(queue, One, queue, TimeSpan.Zero);
            }
        }

        var starts = new List<string>();
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(buffer.TryStart(out var queue));
            starts.Add(queue);
            buffer.Finished(queue, One);
        }

        Assert.InRange(starts.Count(s => s == "critical"), 595, 605);
        Assert.InRange(starts.Count(s => s == "default"), 295, 305);
        Assert.InRange(starts.Count(s => s == "bulk"), 95, 105);
    }

    [Fact]
    public void An_idle_queue_saves_up_nothing()
    {
        var buffer = new FairBuffer<string>(Options, new TestClock());
        for (var i = 0; i < 600; i++)
        {
            buffer.Add("bulk", One, "bulk", TimeSpan.Zero);
        }

        for (var i = 0; i < 500; i++)
        {
            Assert.True(buffer.TryStart(out _));
            buffer.Finished("bulk", One);
        }

        for (var i = 0; i < 100; i++)
        {
            buffer.Add("default", One, "default", TimeSpan.Zero);
        }

        var starts = Enumerable.Range(0, 40).Select(_ =>
        {
            Assert.True(buffer.TryStart(out var queue));
            buffer.Finished(queue, One);
            return queue;
        }).ToArray();
        Assert.InRange(starts.Count(s => s == "bulk"), 9, 11);
    }

    [Fact]
    public void Reserved_slots_stay_free_for_their_queue()
    {
        var buffer = new FairBuffer<string>(Options, new TestClock());
        for (var i = 0; i < 20; i++)
        {
            buffer.Add("bulk", One, "bulk", TimeSpan.Zero);
        }

        var started = 0;
        while (buffer.TryStart(out _))
        {
            started++;
        }

        Assert.Equal(6, started);
        Assert.Equal([2, 0, 0], buffer.Asks(0));
        buffer.Add("critical", One, "critical", TimeSpan.Zero);
        Assert.True(buffer.TryStart(out var next));
        Assert.Equal("critical", next);
    }

    [Fact]
    public async Task Critical_work_passes_a_crowd_of_long_bulk_work()
    {
        await using var instance = await WorkInstance.StartAsync();
        instance.Behaviour.Run = async (item, token) =>
        {
            if (item.Queue == "bulk")
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return WorkOutcome<string>.Finish("done");
        };
        await instance.EnqueueAsync(100, "bulk");
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Count == 6, "bulk has all that it may have");
        var critical = (await instance.EnqueueAsync(1, "critical"))[0];
        await Eventually.IsTrueAsync(async () => (await instance.AttemptsAsync(critical)).Length == 1, "the critical one is done");
        await instance.Database.ExecuteAsync("DELETE FROM sample.work_item");
    }
}
