using Platform.ServiceDefaults.Authentication;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Nobody sees or touches what is another organization's.</summary>
public sealed class TenantWallTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task Another_organization_finds_nothing()
    {
        using var owner = _service.Client();
        using var other = _service.Client();
        var job = await owner.SubmittedAsync("noop", "{}", ""","run_at":"2999-01-01T00:00:00Z","unique_key":"shared" """);
        var dead = await owner.SubmittedAsync("http.request", """{"url":"http://10.0.0.1/"}""", ""","max_attempts":1""");
        await owner.ReachesAsync(dead.Id, "dead");
        var letter = (await owner.IdsAsync("/v1/dead-letters")).Single();
        using var created = await owner.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"resource.created","job":{"type":"noop","payload":{}}}""");
        var trigger = (await created.DocumentAsync()).Id;
        using var planned = await owner.SendJsonAsync(HttpMethod.Post, "/v1/schedules", """{"name":"s","cron":"@yearly","job":{"type":"noop","payload":{}}}""");
        var schedule = (await planned.DocumentAsync()).Id;

        foreach (var path in (string[])["/v1/jobs/" + job.Id, "/v1/triggers/" + trigger, "/v1/schedules/" + schedule, $"/v1/schedules/{schedule}/next"])
        {
            using var answer = await other.GetAsync(path);
            Assert.Equal(404, (int)answer.StatusCode);
        }

        foreach (var path in (string[])[$"/v1/jobs/{job.Id}:cancel", $"/v1/jobs/{job.Id}:retry", $"/v1/dead-letters/{letter}:redrive", $"/v1/schedules/{schedule}:pause", $"/v1/schedules/{schedule}:resume", $"/v1/schedules/{schedule}:run"])
        {
            await other.PostAsync(path, 404);
        }

        using var delete = await other.DeleteAsync("/v1/triggers/" + trigger);
        Assert.Equal(404, (int)delete.StatusCode);
        using var unplan = await other.DeleteAsync("/v1/schedules/" + schedule);
        Assert.Equal(404, (int)unplan.StatusCode);
        using var patch = await other.SendJsonAsync(HttpMethod.Patch, "/v1/schedules/" + schedule, """{"paused":true}""");
        Assert.Equal(404, (int)patch.StatusCode);
        foreach (var list in (string[])["/v1/jobs", "/v1/jobs?state=scheduled", "/v1/jobs?state=dead", "/v1/dead-letters", "/v1/triggers", "/v1/schedules"])
        {
            Assert.Empty(await other.IdsAsync(list));
        }

        Assert.All((await other.GetDocumentAsync("/v1/queues"))["data"].EnumerateArray(), q => Assert.Equal(0, q.GetProperty("scheduled").GetInt32()));

        // The same unique key is another one there.
        var own = await other.SubmittedAsync("noop", "{}", ""","unique_key":"shared" """);
        Assert.NotEqual(job.Id, own.Id);
        Assert.Equal("scheduled", (await owner.GetDocumentAsync("/v1/jobs/" + job.Id)).State);
    }

    [Theory]
    [InlineData("job")]
    [InlineData("job_end")]
    [InlineData("job_failure")]
    [InlineData("job_other")]
    [InlineData("job_unique")]
    [InlineData("dead_letter")]
    [InlineData("letter")]
    [InlineData("queue_rate")]
    [InlineData("trigger")]
    [InlineData("trigger_depth")]
    [InlineData("schedule")]
    [InlineData("work_item")]
    [InlineData("work_pause")]
    [InlineData("work_limit")]
    [InlineData("work_rate")]
    [InlineData("workflow")]
    [InlineData("workflow_step")]
    [InlineData("workflow_element")]
    [InlineData("workflow_due")]
    public async Task Row_level_security_is_forced_and_shows_nothing_without_a_tenant(string table)
    {
        Assert.True(await _service.Database.ScalarAsync<bool>($"SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'processing.{table}'::regclass"));
        await using var connection = new Npgsql.NpgsqlConnection(_service.Database.ConnectionString);
        await connection.OpenAsync();
        await using var count = new Npgsql.NpgsqlCommand($"SELECT count(*) FROM processing.{table}", connection);
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_viewer_reads_and_does_not_write()
    {
        using var viewer = _service.Client(role: Roles.Viewer);
        Assert.Empty(await viewer.IdsAsync("/v1/jobs"));
        using var refused = await viewer.SubmitAsync("""{"type":"noop","payload":{}}""");
        Assert.Equal(403, (int)refused.StatusCode);
        using var narrow = _service.Client(scopes: Scopes.ResourcesRead);
        using var forbidden = await narrow.GetAsync("/v1/queues");
        Assert.Equal(403, (int)forbidden.StatusCode);
    }
}
