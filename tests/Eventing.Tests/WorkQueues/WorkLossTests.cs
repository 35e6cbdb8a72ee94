using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>Workers that freeze, die or stop, and a database that goes away.</summary>
public sealed class WorkLossTests
{
    [Fact]
    public async Task A_frozen_worker_whose_lease_ran_out_cannot_complete_the_item()
    {
        var frozen = new TaskCompletionSource<WorkOutcome<string>>();
        await using var one = await WorkInstance.StartAsync(configure: o =>
        {
            // Its heartbeat and its claims are frozen with it.
            o.Lease = TimeSpan.FromMilliseconds(300);
            o.Poll = TimeSpan.FromHours(1);
            o.Heartbeat = TimeSpan.FromHours(1);
            o.Watch = TimeSpan.FromHours(1);
            o.Concurrency = 3;
        });
        one.Behaviour.Run = (_, _) => frozen.Task;
        var id = (await one.EnqueueAsync(1))[0];
        await Eventually.IsTrueAsync(() => !one.Behaviour.Started.IsEmpty, "the first worker has it");

        var working = new TaskCompletionSource<WorkOutcome<string>>();
        await using var two = await WorkInstance.StartAsync(one.Database, new() { Run = (_, _) => working.Task });
        await Eventually.IsTrueAsync(() => !two.Behaviour.Started.IsEmpty, "the second worker has it");

        // The first attempt thaws while the second is at work: nothing of it may be written.
        frozen.SetResult(WorkOutcome<string>.Finish("by the frozen one"));
        await one.StopAsync();
        Assert.Equal(0L, await one.OutcomesAsync());
        working.SetResult(WorkOutcome<string>.Finish("by the second"));
        await two.IsEmptyAsync();
        Assert.Equal(new[] { 2 }, await two.AttemptsAsync(id));
    }

    [Fact]
    public async Task What_a_dead_worker_held_is_taken_again_and_the_attempt_counts()
    {
        await using var instance = await WorkInstance.StartAsync(configure: o => o.Poll = TimeSpan.FromMilliseconds(100));
        var soon = TimeProvider.System.GetUtcNow().AddHours(1);
        var id = (await instance.EnqueueAsync(1, runAt: soon))[0];
        await instance.Database.ExecuteAsync("UPDATE sample.work_item SET state = 2, attempt = 1, token = 42, lease_until = now() + interval '300 ms'");
        await instance.IsEmptyAsync();
        Assert.Equal(new[] { 2 }, await instance.AttemptsAsync(id));
    }

    [Fact]
    public async Task Long_work_keeps_its_lease()
    {
        var release = new TaskCompletionSource<WorkOutcome<string>>();
        var behaviour = new WorkBehaviour { Run = (_, _) => release.Task };
        void Short(WorkQueueOptions o)
        {
            o.Lease = TimeSpan.FromSeconds(1);
            o.Heartbeat = TimeSpan.FromMilliseconds(200);
            o.Watch = TimeSpan.FromMilliseconds(100);
        }

        await using var one = await WorkInstance.StartAsync(behaviour: behaviour, configure: Short);
        var id = (await one.EnqueueAsync(1))[0];
        await Eventually.IsTrueAsync(() => !behaviour.Started.IsEmpty, "it runs");
        var first = await one.Database.ScalarAsync<DateTime>("SELECT lease_until FROM sample.work_item");
        await using var two = await WorkInstance.StartAsync(one.Database, behaviour, Short);
        await Eventually.IsTrueAsync(
            async () => await one.Database.ScalarAsync<DateTime>("SELECT lease_until FROM sample.work_item") > first.AddSeconds(2), "its lease was renewed");
        release.SetResult(WorkOutcome<string>.Finish("done"));
        await one.IsEmptyAsync();
        Assert.Equal(new[] { 1 }, await one.AttemptsAsync(id));
        Assert.Single(behaviour.Started);
    }

    [Fact]
    public async Task Stopping_waits_for_what_runs_and_gives_back_the_rest_unpenalised()
    {
        var gate = new TaskCompletionSource();
        await using var instance = await WorkInstance.StartAsync(configure: o =>
        {
            o.Concurrency = 2;
            o.Queues = [new("default", 1)];
            o.Drain = TimeSpan.FromSeconds(2);
        });
        instance.Behaviour.Run = async (item, token) =>
        {
            if (item == instance.Behaviour.Started.First())
            {
                await gate.Task.WaitAsync(token);
                return WorkOutcome<string>.Finish("done");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return WorkOutcome<string>.Finish("never");
        };
        await instance.EnqueueAsync(10);
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Count == 2, "two run");
        var stopping = instance.StopAsync();
        gate.SetResult();
        await stopping;

        // One ended in time; one was cancelled at the end of the bound; eight never started.
        Assert.Equal(1L, await instance.OutcomesAsync());
        Assert.Equal(9L, await instance.Database.ScalarAsync<long>("SELECT count(*) FROM sample.work_item WHERE state = 1 AND attempt = 0 AND lease_until IS NULL"));
        Assert.Equal(2, instance.Behaviour.Started.Count);
    }

    [Fact]
    public async Task An_outcome_in_hand_outlives_an_outage()
    {
        await using var instance = await WorkInstance.StartAsync();
        var gate = new TaskCompletionSource<WorkOutcome<string>>();
        instance.Behaviour.Run = (_, _) => gate.Task;
        var id = (await instance.EnqueueAsync(1))[0];
        await Eventually.IsTrueAsync(() => !instance.Behaviour.Started.IsEmpty, "it runs");
        var name = await instance.Database.ScalarAsync<string>("SELECT current_database()::text");
        var admin = instance.Database with { AdminConnectionString = new Npgsql.NpgsqlConnectionStringBuilder(instance.Database.AdminConnectionString) { Database = "postgres" }.ConnectionString };
        await admin.ExecuteAsync($"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false");
        await admin.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename = 'platform'");
        gate.SetResult(WorkOutcome<string>.Finish("kept"));
        await admin.ExecuteAsync("SELECT pg_sleep(0.5)");
        await admin.ExecuteAsync($"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true");
        await instance.IsEmptyAsync();
        Assert.Equal(new[] { 1 }, await instance.AttemptsAsync(id));
        Assert.Single(instance.Behaviour.Started);
    }
}
