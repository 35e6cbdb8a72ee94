using System.Diagnostics;
using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>The backlog of one lane delays no other's work.</summary>
public sealed class FairClaimsTests
{
    private static readonly Guid Crowd = Guid.Parse("11111111-0000-0000-0000-000000000000");
    private static readonly Guid Newcomer = Guid.Parse("22222222-0000-0000-0000-000000000000");

    [Fact]
    public async Task A_backlog_of_200000_does_not_delay_another_tenants_item()
    {
        await using var instance = await WorkInstance.StartAsync();
        await FillAsync(instance, 200_000, Crowd);
        instance.Wake();
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Count > 500, "the crowd is at work");
        var started = Stopwatch.GetTimestamp();
        var id = (await instance.EnqueueAsync(1, tenant: Newcomer))[0];
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Any(i => i.Id == id), "the newcomer's turn");
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        Assert.True(await instance.QueuedAsync() > 50_000);
    }

    [Fact]
    public async Task A_backlog_of_one_lane_does_not_delay_another_lane_of_its_tenant()
    {
        await using var instance = await WorkInstance.StartAsync(configure: o => o.Concurrency = 3);
        var gate = new TaskCompletionSource();
        instance.Behaviour.Run = async (item, token) =>
        {
            await gate.Task.WaitAsync(token);
            return WorkOutcome<string>.Finish("done");
        };
        await FillAsync(instance, 1000, Crowd, "slow");
        instance.Wake();
        await Eventually.IsTrueAsync(() => !instance.Behaviour.Started.IsEmpty, "it is at work");
        await FillAsync(instance, 1, Crowd, "other");
        gate.SetResult();
        instance.Wake();
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Any(i => i.Lane == "other"), "the other lane's turn");
        Assert.True(instance.Behaviour.Started.TakeWhile(i => i.Lane == "slow").Count() < 900);
    }

    [Fact]
    public async Task Long_work_of_one_tenant_does_not_take_the_slots_that_others_need()
    {
        await using var instance = await WorkInstance.StartAsync(configure: o =>
        {
            o.Queues = [new("default", 1)];
            o.Concurrency = 16;
            o.Drain = TimeSpan.FromMilliseconds(100);
        });
        instance.Behaviour.Run = async (item, token) =>
        {
            if (item.TenantId == Crowd)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return WorkOutcome<string>.Finish("done");
        };
        await instance.EnqueueAsync(300, tenant: Crowd);
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Count == 14, "it has what it may have");
        for (var i = 0; i < 10; i++)
        {
            var id = (await instance.EnqueueAsync(1, tenant: Newcomer))[0];
            await Eventually.IsTrueAsync(async () => (await instance.AttemptsAsync(id)).Length == 1, "the newcomer's item");
        }

        Assert.Equal(14, instance.Behaviour.Started.Count(i => i.TenantId == Crowd));
    }

    [Fact]
    public async Task Hundreds_of_tenants_all_get_their_turn_soon()
    {
        await using var instance = await WorkInstance.StartAsync();
        await FillAsync(instance, 20_000, Crowd);
        await instance.Database.ExecuteAsync("""
            INSERT INTO sample.work_item (tenant_id, id, queue, priority, state, rank, run_at)
            SELECT gen_random_uuid(), gen_random_uuid(), 'default', 0, 1, now(), now() FROM generate_series(1, 300)
            """);
        instance.Wake();
        await Eventually.IsTrueAsync(() => instance.Behaviour.Started.Count(i => i.TenantId != Crowd) == 300, "everybody had a turn");
        Assert.True(await instance.QueuedAsync() > 5000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public async Task One_signal_is_enough_for_a_backlog(int? concurrency)
    {
        await using var instance = await WorkInstance.StartAsync(configure: o =>
        {
            o.Queues = [new("default", 1) { TenantLimits = new(concurrency) }];
            o.Concurrency = 16;
            o.Poll = TimeSpan.FromHours(1);
        });
        await FillAsync(instance, 1000, Crowd);
        instance.Wake();
        await instance.IsEmptyAsync();
        Assert.Equal(1000L, await instance.OutcomesAsync());
    }

    private static Task FillAsync(WorkInstance instance, int count, Guid tenant, string lane = "") => instance.Database.ExecuteAsync($"""
        INSERT INTO sample.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
        SELECT '{tenant}', gen_random_uuid(), 'default', '{lane}', 0, 1, now() - interval '1 hour', now() - interval '1 hour' FROM generate_series(1, {count})
        """);
}
