using System.Collections.Concurrent;
using System.Diagnostics;
using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>Limits hold over all processes, and who is at a limit is in nobody's way.</summary>
public sealed class LimitTests
{
    private static readonly Guid Crowd = Guid.Parse("11111111-0000-0000-0000-000000000000");
    private static readonly Guid Other = Guid.Parse("22222222-0000-0000-0000-000000000000");

    [Fact]
    public async Task A_queue_never_runs_more_than_its_concurrency_in_two_processes()
    {
        var (behaviour, most) = Counting(_ => "all");
        await using var one = await StartAsync(behaviour, new("default", 1) { Limits = new(Concurrency: 3) });
        await using var two = await StartAsync(behaviour, new("default", 1) { Limits = new(Concurrency: 3) }, one.Database);
        await one.EnqueueAsync(150, tenant: Crowd);
        await two.EnqueueAsync(50, tenant: Other);
        await one.IsEmptyAsync();
        Assert.Equal(3, most["all"]);
        Assert.Equal(200L, await one.Database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM sample.outcome WHERE attempt = 1"));
    }

    [Fact]
    public async Task Each_tenant_has_its_own_concurrency_and_may_lower_it_for_itself()
    {
        var (behaviour, most) = Counting(i => i.TenantId.ToString());
        await using var one = await StartAsync(behaviour, new("default", 1) { TenantLimits = new(Concurrency: 3) });
        await using var two = await StartAsync(behaviour, new("default", 1) { TenantLimits = new(Concurrency: 3) }, one.Database);
        await one.Database.ExecuteAsync($"INSERT INTO sample.work_limit (tenant_id, queue, concurrency) VALUES ('{Other}', 'default', 1)");
        await one.EnqueueAsync(100, tenant: Crowd);
        await two.EnqueueAsync(30, tenant: Other);
        await one.IsEmptyAsync();
        Assert.Equal((3, 1), (most[Crowd.ToString()], most[Other.ToString()]));
    }

    [Fact]
    public async Task A_tenant_that_limits_itself_does_not_hold_up_others()
    {
        var behaviour = new WorkBehaviour
        {
            Run = async (item, token) =>
            {
                if (item.TenantId == Crowd)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }

                return WorkOutcome<string>.Finish("done");
            },
        };
        await using var instance = await WorkInstance.StartAsync(null, behaviour, o =>
        {
            o.Queues = [new("default", 1)];
            o.Drain = TimeSpan.FromMilliseconds(100);
        });
        await instance.Database.ExecuteAsync($"INSERT INTO sample.work_limit (tenant_id, queue, concurrency) VALUES ('{Crowd}', 'default', 1)");
        await instance.EnqueueAsync(500, tenant: Crowd);
        await Eventually.IsTrueAsync(() => behaviour.Started.Count == 1, "one of it runs");
        await instance.EnqueueAsync(500, tenant: Other);
        await Eventually.IsTrueAsync(async () => await instance.OutcomesAsync() == 500, "all of the other");
        Assert.Equal(1, behaviour.Started.Count(i => i.TenantId == Crowd));

        // The limit goes, and so does the work.
        behaviour.Run = (_, _) => Task.FromResult(WorkOutcome<string>.Finish("done"));
        await instance.Database.ExecuteAsync("DELETE FROM sample.work_limit");
        instance.Wake();
        await Eventually.IsTrueAsync(async () => await instance.OutcomesAsync() >= 999, "the rest");
    }

    [Fact]
    public async Task A_queue_at_its_limit_goes_round_its_tenants()
    {
        await using var instance = await StartAsync(new(), new("default", 1) { Limits = new(Concurrency: 1) });
        await instance.EnqueueAsync(400, tenant: Crowd);
        await instance.EnqueueAsync(10, tenant: Other);
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Count(i => i.TenantId == Other) == 10, "the other had its turns");
        Assert.True(instance.Behaviour.Started.Count < 200);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rate_holds_over_two_processes(bool ofTheTenant)
    {
        var rate = new WorkLimits(Rate: new(10, TimeSpan.FromSeconds(1)));
        var queue = ofTheTenant ? new WorkQueueShare("default", 1) { TenantLimits = rate } : new WorkQueueShare("default", 1) { Limits = rate };
        var starts = new ConcurrentQueue<TimeSpan>();
        var began = Stopwatch.GetTimestamp();
        var behaviour = new WorkBehaviour
        {
            Run = (_, _) =>
            {
                starts.Enqueue(Stopwatch.GetElapsedTime(began));
                return Task.FromResult(WorkOutcome<string>.Finish("done"));
            },
        };
        await using var one = await StartAsync(behaviour, queue);
        await using var two = await StartAsync(behaviour, queue, one.Database);
        began = Stopwatch.GetTimestamp();
        await one.EnqueueAsync(30, tenant: Crowd);
        two.Wake();
        await one.IsEmptyAsync();
        var times = starts.Order().ToArray();
        Assert.Equal(30, times.Length);

        // Ten at once, then one every tenth of a second: never earlier.
        for (var i = 0; i < times.Length; i++)
        {
            Assert.True(times[i].TotalSeconds >= (i - 9) * 0.1 - 0.01, $"the start number {i + 1} came after {times[i].TotalSeconds:F3} s");
        }
    }

    [Fact]
    public async Task What_a_dead_worker_held_gives_its_place_back()
    {
        await using var instance = await StartAsync(new(), new("default", 1) { Limits = new(Concurrency: 2) });
        await instance.EnqueueAsync(2, runAt: TimeProvider.System.GetUtcNow().AddHours(1));
        await instance.Database.ExecuteAsync(
            "UPDATE sample.work_item SET state = 2, limited = true, attempt = 1, token = 42, lease_until = now() + interval '500 ms'");
        await instance.EnqueueAsync(5);
        await instance.IsEmptyAsync();
        Assert.Equal(7L, await instance.OutcomesAsync());
    }

    private static Task<WorkInstance> StartAsync(WorkBehaviour behaviour, WorkQueueShare queue, TestDatabase? database = null) =>
        WorkInstance.StartAsync(database, behaviour, o => o.Queues = [queue]);

    /// <summary>Work that takes a moment, and how much of a kind ran at most at the same time.</summary>
    private static (WorkBehaviour Behaviour, ConcurrentDictionary<string, int> Most) Counting(Func<WorkItem, string> kind)
    {
        var most = new ConcurrentDictionary<string, int>();
        var running = new ConcurrentDictionary<string, int>();
        var behaviour = new WorkBehaviour
        {
            Run = async (item, token) =>
            {
                var now = running.AddOrUpdate(kind(item), 1, (_, n) => n + 1);
                most.AddOrUpdate(kind(item), now, (_, n) => Math.Max(n, now));
                await Task.Delay(3, token);
                running.AddOrUpdate(kind(item), 0, (_, n) => n - 1);
                return WorkOutcome<string>.Finish("done");
            },
        };
        return (behaviour, most);
    }
}
