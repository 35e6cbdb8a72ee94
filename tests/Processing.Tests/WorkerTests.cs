using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Workers that stop, die, or are older than a job.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task Two_instances_do_every_job_once()
    {
        await using var one = await ProcessingFixture.StartAsync();
        await using var two = await ProcessingFixture.StartAsync(one.Database);
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var first = one.Client(tenant);
        using var second = two.Client(tenant);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i => await (i % 2 == 0 ? first : second).SubmittedAsync("noop")));
        await Eventually.IsTrueAsync(async () => await one.Database.ScalarAsync<long>("SELECT count(*) FROM processing.work_item") == 0, "all are done");
        Assert.Equal(200L, await one.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end WHERE outcome = 'succeeded' AND attempt = 1"));
        await Eventually.IsTrueAsync(
            async () => await one.Database.ScalarAsync<long>("SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' = 'job.succeeded'") == 200, "an event for each");
    }

    [Fact]
    public async Task A_job_of_an_unknown_type_is_held_and_seen_and_never_fails()
    {
        await using var service = await ProcessingFixture.StartAsync(null, ("Processing:UnknownTypeHold", "00:00:00.100"));
        using var client = service.Client();
        var job = await client.SubmittedAsync("noop", "{}", ""","run_at":"2999-01-01T00:00:00Z","max_attempts":1""");
        await service.Database.ExecuteAsync("UPDATE processing.job SET type = 'from.the.future'");
        await client.PostAsync($"/v1/jobs/{job.Id}:retry");
        var held = await Eventually.GetAsync(async () =>
        {
            var seen = await client.GetDocumentAsync("/v1/jobs/" + job.Id);
            return seen["error"].ValueKind != System.Text.Json.JsonValueKind.Null && seen.State == "scheduled" ? seen : null;
        }, "it is held");
        Assert.Contains("from.the.future", held["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (held["attempt"].GetInt32(), held["errors"].GetArrayLength()));

        // A newer version comes and knows it.
        await service.Database.ExecuteAsync("UPDATE processing.job SET type = 'noop'");
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal(1, done["attempt"].GetInt32());
    }

    [Fact]
    public async Task Stopping_gives_a_running_job_back_and_the_next_instance_does_it_in_its_first_attempt()
    {
        var hang = true;
        await using var receiver = await Receiver.StartAsync(http =>
            Volatile.Read(ref hang) ? Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default) : Task.CompletedTask);
        var one = await ProcessingFixture.StartAsync(null, ("Work:processing:Drain", "00:00:00.300"));
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        string id;
        using (var client = one.Client(tenant))
        {
            id = (await client.SubmittedAsync("http.request", $$"""{"url":"{{receiver.Url}}"}""")).Id;
            await Eventually.IsTrueAsync(() => !receiver.Calls.IsEmpty, "it runs");
        }

        await one.DisposeAsync();
        Volatile.Write(ref hang, false);
        await using var two = await ProcessingFixture.StartAsync(one.Database);
        using var next = two.Client(tenant);
        Assert.Equal(1, (await next.ReachesAsync(id, "succeeded"))["attempt"].GetInt32());
    }

    [Fact]
    public async Task A_job_whose_worker_dies_every_time_ends_among_the_dead()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        var job = await client.SubmittedAsync("noop", "{}", ""","run_at":"2999-01-01T00:00:00Z","max_attempts":2""");
        await service.Database.ExecuteAsync("UPDATE processing.work_item SET state = 2, attempt = 2, token = 7, lease_until = now() - interval '1 second'");
        var dead = await client.ReachesAsync(job.Id, "dead");
        Assert.Equal(2, dead["attempt"].GetInt32());
        Assert.Contains("worker was lost", dead["error"].GetString(), StringComparison.Ordinal);
    }
}
