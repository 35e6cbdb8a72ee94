using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>From the queue to the written outcome.</summary>
public sealed class WorkLifeTests
{
    [Fact]
    public async Task Two_workers_do_each_item_once()
    {
        await using var one = await WorkInstance.StartAsync();
        await using var two = await WorkInstance.StartAsync(one.Database);
        await one.EnqueueAsync(1500);
        await two.EnqueueAsync(1500, "bulk");
        await one.IsEmptyAsync();
        Assert.Equal(3000L, await one.OutcomesAsync());
        Assert.Equal(3000L, await one.Database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM sample.outcome WHERE attempt = 1"));
        Assert.Equal(3000, one.Behaviour.Started.Count + two.Behaviour.Started.Count);
    }

    [Fact]
    public async Task A_retry_counts_and_a_postponement_does_not()
    {
        await using var instance = await WorkInstance.StartAsync();
        var calls = 0;
        instance.Behaviour.Run = (_, _) => Task.FromResult(Interlocked.Increment(ref calls) switch
        {
            1 => WorkOutcome<string>.Retry(TimeSpan.FromMilliseconds(20), "again"),
            2 => WorkOutcome<string>.Postpone(TimeSpan.FromMilliseconds(20), "not yet"),
            3 => WorkOutcome<string>.Retry(TimeSpan.Zero, "again"),
            _ => WorkOutcome<string>.Finish("done"),
        });
        var id = (await instance.EnqueueAsync(1))[0];
        await instance.IsEmptyAsync();
        Assert.Equal(new[] { 1, 2, 2, 3 }, await instance.AttemptsAsync(id));
    }

    [Fact]
    public async Task Work_waits_for_its_time_and_priority_goes_first()
    {
        await using var instance = await WorkInstance.StartAsync(configure: o => o.Concurrency = 3);
        var gate = new TaskCompletionSource();
        instance.Behaviour.Run = async (_, token) =>
        {
            await gate.Task.WaitAsync(token);
            return WorkOutcome<string>.Finish("done");
        };
        var due = TimeProvider.System.GetUtcNow().AddMilliseconds(700);
        var later = (await instance.EnqueueAsync(1, runAt: due))[0];
        await instance.EnqueueAsync(2);
        await Eventually.IsTrueAsync(() => !instance.Behaviour.Started.IsEmpty, "a slot is taken");
        var low = await instance.EnqueueAsync(2);
        var high = (await instance.EnqueueAsync(1, priority: 9))[0];
        gate.SetResult();
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Any(i => i.Id == later), "the scheduled one");
        Assert.True(TimeProvider.System.GetUtcNow() >= due);
        var order = instance.Behaviour.Started.Select(i => i.Id).ToList();
        Assert.True(order.IndexOf(high) < order.IndexOf(low[1]));
    }

    [Fact]
    public async Task One_item_whose_outcome_cannot_be_written_does_not_hold_up_the_others()
    {
        await using var instance = await WorkInstance.StartAsync(configure: o => o.Lease = TimeSpan.FromMilliseconds(500));
        var poison = Guid.Empty;
        var broken = true;
        instance.Behaviour.Run = (item, _) => Task.FromResult(WorkOutcome<string>.Finish(Volatile.Read(ref broken) && item.Id == poison ? "poison" : "done"));
        poison = (await instance.EnqueueAsync(1, runAt: TimeProvider.System.GetUtcNow().AddMilliseconds(300)))[0];
        await instance.EnqueueAsync(50, runAt: TimeProvider.System.GetUtcNow().AddMilliseconds(300));
        await Eventually.IsTrueAsync(async () => await instance.OutcomesAsync() == 50, "the others");
        Assert.Equal(1L, await instance.QueuedAsync());
        Volatile.Write(ref broken, false);
        await instance.IsEmptyAsync();
        Assert.True((await instance.AttemptsAsync(poison)).Single() > 1);
    }

    [Fact]
    public async Task A_handler_that_throws_is_tried_again()
    {
        await using var instance = await WorkInstance.StartAsync();
        instance.Behaviour.Run = (item, _) => item.Attempt == 1 ? throw new InvalidOperationException("bug") : Task.FromResult(WorkOutcome<string>.Finish("done"));
        var id = (await instance.EnqueueAsync(1))[0];
        await instance.IsEmptyAsync();
        Assert.Equal(new[] { 2 }, await instance.AttemptsAsync(id));
    }

    [Fact]
    public async Task Removed_work_is_cancelled_while_it_runs_and_its_outcome_is_refused()
    {
        await using var instance = await WorkInstance.StartAsync();
        var cancelled = new TaskCompletionSource();
        instance.Behaviour.Run = async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
            return WorkOutcome<string>.Finish("too late");
        };
        var id = (await instance.EnqueueAsync(1))[0];
        await Eventually.IsTrueAsync(() => !instance.Behaviour.Started.IsEmpty, "it runs");
        await using (var connection = await instance.Service.System.OpenConnectionAsync())
        await using (var batch = new NpgsqlBatch(connection) { BatchCommands = { WorkQueue.Remove("sample", Guid.Empty, id) } })
        {
            Assert.Equal(1, await batch.ExecuteNonQueryAsync());
        }

        await cancelled.Task.WaitAsync(Eventually.Deadline);
        await instance.StopAsync();
        Assert.Equal(0L, await instance.OutcomesAsync());
    }

    [Fact]
    public async Task A_paused_queue_rests_for_its_tenant_only()
    {
        await using var instance = await WorkInstance.StartAsync();
        await instance.Database.ExecuteAsync("INSERT INTO sample.work_pause (tenant_id, queue) VALUES ('00000000-0000-0000-0000-000000000000', 'bulk')");
        var paused = (await instance.EnqueueAsync(1, "bulk"))[0];
        await instance.EnqueueAsync(20);
        await Eventually.IsTrueAsync(async () => await instance.OutcomesAsync() == 20, "the other queue");
        Assert.Empty(await instance.AttemptsAsync(paused));
        await instance.Database.ExecuteAsync("DELETE FROM sample.work_pause");
        await instance.IsEmptyAsync();
    }
}
