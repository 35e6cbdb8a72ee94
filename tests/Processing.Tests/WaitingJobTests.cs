using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>What can be done with jobs that wait, and how jobs are found.</summary>
public sealed class WaitingJobTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private const string Later = ""","run_at":"2999-01-01T00:00:00Z" """;
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task A_waiting_job_is_snoozed_moved_up_and_started()
    {
        using var client = _service.Client();
        await client.PostAsync("/v1/queues/bulk:pause");
        var job = await client.SubmittedAsync("noop", "{}", ""","queue":"bulk" """);
        var snoozed = await PatchAsync(client, job.Id, """{"run_at":"2999-06-01T00:00:00Z"}""");
        Assert.Equal(("scheduled", "2999-06-01T00:00:00.000000Z", 0), (snoozed.State, snoozed["run_at"].GetString(), snoozed["priority"].GetInt32()));
        Assert.Equal([job.Id], await client.IdsAsync("/v1/jobs?state=scheduled"));
        var raised = await PatchAsync(client, job.Id, """{"priority":9}""");
        Assert.Equal(("scheduled", "2999-06-01T00:00:00.000000Z", 9), (raised.State, raised["run_at"].GetString(), raised["priority"].GetInt32()));
        var now = await PatchAsync(client, job.Id, """{"run_at":"2001-01-01T00:00:00Z","priority":1}""");
        Assert.Equal(("available", 1), (now.State, now["priority"].GetInt32()));
        await client.PostAsync("/v1/queues/bulk:resume");
        await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal("job_not_waiting", (await PatchAsync(client, job.Id, """{"priority":2}""", 409))["code"].GetString());
    }

    [Fact]
    public async Task A_snoozed_job_leaves_its_worker_alone_and_comes_back_by_itself()
    {
        using var client = _service.Client();
        var job = await client.SubmittedAsync("noop", "{}", Later);
        var soon = TimeProvider.System.GetUtcNow().AddMilliseconds(300);
        await PatchAsync(client, job.Id, $$"""{"run_at":"{{soon:yyyy-MM-ddTHH:mm:ss.ffffff}}Z"}""");
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.True(done["started_at"].GetDateTimeOffset() >= soon.AddMilliseconds(-5), done.Text);
    }

    [Fact]
    public async Task One_that_runs_cannot_be_moved_and_another_organizations_is_not_there()
    {
        await using var receiver = await Receiver.StartAsync(http => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        using var client = _service.Client();
        using var other = _service.Client();
        var job = await client.SubmittedAsync("http.request", $$"""{"url":"{{receiver.Url}}"}""");
        await Eventually.IsTrueAsync(() => !receiver.Calls.IsEmpty, "it runs");
        Assert.Equal("job_not_waiting", (await PatchAsync(client, job.Id, """{"priority":2}""", 409))["code"].GetString());
        await PatchAsync(other, job.Id, """{"priority":2}""", 404);
        await client.PostAsync($"/v1/jobs/{job.Id}:cancel");
    }

    [Theory]
    [InlineData("{}", "/run_at", "required")]
    [InlineData("""{"priority":10}""", "/priority", "out_of_range")]
    [InlineData("""{"run_at":"soon"}""", "/run_at", "wrong_type")]
    [InlineData("""{"queue":"bulk","priority":1}""", "/queue", "unknown_field")]
    public async Task A_change_that_is_none_is_refused(string body, string pointer, string code)
    {
        using var client = _service.Client();
        var job = await client.SubmittedAsync("noop", "{}", Later);
        var refused = await PatchAsync(client, job.Id, body, 400);
        Assert.Equal((pointer, code), (refused["errors"][0].GetProperty("pointer").GetString(), refused["errors"][0].GetProperty("code").GetString()));
        Assert.Equal(0, (await client.GetDocumentAsync("/v1/jobs/" + job.Id))["priority"].GetInt32());
    }

    [Fact]
    public async Task Those_that_are_meant_are_cancelled_and_no_others()
    {
        using var client = _service.Client();
        using var other = _service.Client();
        var foreign = await other.SubmittedAsync("noop", "{}", Later + ""","queue":"bulk" """);
        var stays = await client.SubmittedAsync("noop", "{}", Later);
        var meant = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            meant.Add((await client.SubmittedAsync("noop", "{}", Later + $$""","queue":"bulk","unique_key":"k{{i}}" """)).Id);
        }

        var done = await client.SubmittedAsync("noop", "{}", ""","queue":"bulk" """);
        await client.ReachesAsync(done.Id, "succeeded");
        Assert.Equal("""{"cancelled":3,"has_more":true}""", (await CancelAsync(client, """{"filter":{"queue":"bulk","state":"scheduled"},"limit":3}""")).Text);
        Assert.Equal(meant.Take(3).Reverse(), await client.IdsAsync("/v1/jobs?state=cancelled"));
        Assert.Equal("""{"cancelled":2,"has_more":false}""", (await CancelAsync(client, """{"filter":{"queue":"bulk"}}""")).Text);
        Assert.Equal("""{"cancelled":0,"has_more":false}""", (await CancelAsync(client, """{"filter":{"queue":"bulk"}}""")).Text);
        Assert.Equal("scheduled", (await client.GetDocumentAsync("/v1/jobs/" + stays.Id)).State);
        Assert.Equal("succeeded", (await client.GetDocumentAsync("/v1/jobs/" + done.Id)).State);
        Assert.Equal("scheduled", (await other.GetDocumentAsync("/v1/jobs/" + foreign.Id)).State);
        foreach (var id in meant)
        {
            await Eventually.IsTrueAsync(async () => await _service.Database.ScalarAsync<long>(
                $"SELECT count(*) FROM stream.events_core WHERE key = '{id}' AND headers::json->>'ce_type' = 'job.cancelled'") == 1, "it is told");
        }

        // Their keys are free again.
        await client.SubmittedAsync("noop", "{}", ""","unique_key":"k0" """);
    }

    [Theory]
    [InlineData("{}", "/filter", "required")]
    [InlineData("""{"filter":{"state":"succeeded"}}""", "/filter/state", "invalid_value")]
    [InlineData("""{"filter":{"workflow_id":"job_1"}}""", "/filter/workflow_id", "invalid_format")]
    [InlineData("""{"filter":{},"limit":10001}""", "/limit", "out_of_range")]
    public async Task A_cancellation_that_is_none_is_refused(string body, string pointer, string code)
    {
        using var client = _service.Client();
        var refused = await CancelAsync(client, body, 400);
        Assert.Equal((pointer, code), (refused["errors"][0].GetProperty("pointer").GetString(), refused["errors"][0].GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Jobs_are_found_by_when_they_came_and_by_where_they_come_from()
    {
        using var client = _service.Client();
        var before = await client.SubmittedAsync("noop");
        await Eventually.IsTrueAsync(() => TimeProvider.System.GetUtcNow() > before["created_at"].GetDateTimeOffset().AddMilliseconds(2), "time passes");
        var between = TimeProvider.System.GetUtcNow();
        await Eventually.IsTrueAsync(() => TimeProvider.System.GetUtcNow() > between.AddMilliseconds(2), "time passes");
        var after = await client.SubmittedAsync("noop");
        await client.ReachesAsync(before.Id, "succeeded");
        await client.ReachesAsync(after.Id, "succeeded");
        var time = $"{between:yyyy-MM-ddTHH:mm:ss.ffffff}Z";
        Assert.Equal([after.Id], await client.IdsAsync("/v1/jobs?created_after=" + time));
        Assert.Equal([after.Id], await client.IdsAsync("/v1/jobs?state=succeeded&created_after=" + time));
        Assert.Empty(await client.IdsAsync("/v1/jobs?created_after=2999-01-01T00:00:00Z"));

        var origin = Guid.CreateVersion7(between);
        await _service.Database.ExecuteAsync($"UPDATE processing.job SET workflow_id = '{origin}' WHERE id = '{Uuid(before.Id)}'");
        await _service.Database.ExecuteAsync($"UPDATE processing.job SET schedule_id = '{origin}' WHERE id = '{Uuid(after.Id)}'");
        Assert.Equal([before.Id], await client.IdsAsync("/v1/jobs?workflow_id=" + Contracts.Identifiers.TypeId.Format(Contracts.Identifiers.IdPrefix.Workflow, origin)));
        Assert.Equal([after.Id], await client.IdsAsync("/v1/jobs?schedule_id=" + Contracts.Identifiers.TypeId.Format(Contracts.Identifiers.IdPrefix.Schedule, origin)));
        foreach (var bad in (string[])["created_after=yesterday", "workflow_id=job_1", "schedule_id=x"])
        {
            using var refused = await client.GetAsync("/v1/jobs?" + bad);
            Assert.Equal(400, (int)refused.StatusCode);
        }
    }

    private static Guid Uuid(string id) => Contracts.Identifiers.TypeId.TryParse("job", id, out var uuid) ? uuid : throw new ArgumentException(id);

    private static Task<Document> CancelAsync(HttpClient client, string body, int status = 200) => SendAsync(client, HttpMethod.Post, "/v1/jobs:cancel", body, status);

    private static Task<Document> PatchAsync(HttpClient client, string id, string body, int status = 200) => SendAsync(client, HttpMethod.Patch, "/v1/jobs/" + id, body, status);

    private static async Task<Document> SendAsync(HttpClient client, HttpMethod method, string path, string body, int status)
    {
        using var response = await client.SendJsonAsync(method, path, body);
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == status, document.Text);
        return document;
    }
}
