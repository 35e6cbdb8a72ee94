using System.Globalization;
using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;

namespace Platform.Processing.Tests.Schedules;

/// <summary>Schedules over the API, and what they start. Time is not turned: what is due is made so in its row.</summary>
public sealed class ScheduleTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private const string Noop = """ "job":{"type":"noop","payload":{"mine":1},"queue":"bulk","priority":3,"timeout":60,"max_attempts":7}""";
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task A_schedule_lives()
    {
        using var client = _service.Client();
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/schedules",
            $$"""{"name":"report","cron":"30 2 * * *","time_zone":"Europe/Berlin","starts_at":"2099-07-01T00:00:00Z",{{Noop}}}""");
        var schedule = await created.DocumentAsync();
        Assert.True((int)created.StatusCode == 201, schedule.Text);
        var path = "/v1/schedules/" + schedule.Id;
        Assert.Equal(path, created.Headers.Location!.OriginalString);
        Assert.Equal("\"1\"", created.Headers.ETag!.Tag);
        Assert.Equal("2099-07-01T00:30:00.000000Z", schedule["next_run_at"].GetString());
        Assert.Equal("""{"type":"noop","queue":"bulk","payload":{"mine":1},"priority":3,"timeout":60,"max_attempts":7}""", schedule["job"].GetRawText());
        Assert.Equal(("latest", "allow"), (schedule["missed"].GetString(), schedule["overlap"].GetString()));
        Assert.Equal(schedule.Text, (await client.GetDocumentAsync(path)).Text);
        Assert.Equal([schedule.Id], await client.IdsAsync("/v1/schedules"));

        var next = (await client.GetDocumentAsync(path + "/next?count=2"))["data"];
        Assert.Equal("""{"at":"2099-07-01T00:30:00.000000Z","local":"2099-07-01T02:30:00+02:00"}""", next[0].GetRawText());
        Assert.Equal(2, next.GetArrayLength());

        var patched = await PatchAsync(client, path, """{"cron":"0 3 * * *","starts_at":null,"ends_at":"2099-01-01T00:00:00Z","job":{"payload":{"mine":null,"yours":2}}}""", "\"1\"");
        Assert.Equal("""{"yours":2}""", patched["job"].GetProperty("payload").GetRawText());
        Assert.Equal((2, JsonValueKind.Null), (patched["version"].GetInt32(), patched["starts_at"].ValueKind));
        using var stale = await client.SendJsonAsync(HttpMethod.Patch, path, """{"name":"x"}""", ("If-Match", "\"1\""));
        Assert.Equal(412, (int)stale.StatusCode);

        Assert.Equal(JsonValueKind.Null, (await client.PostAsync(path + ":pause"))["next_run_at"].ValueKind);
        Assert.Equal(3, (await client.GetDocumentAsync(path + "/next?count=3"))["data"].GetArrayLength());
        Assert.NotEqual(JsonValueKind.Null, (await client.PostAsync(path + ":resume"))["next_run_at"].ValueKind);
        using var deleted = await client.DeleteAsync(path);
        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Empty(await client.IdsAsync("/v1/schedules"));
        using var gone = await client.GetAsync(path);
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Fact]
    public async Task A_run_that_is_due_starts_a_job_that_says_so()
    {
        using var client = _service.Client();
        var schedule = await MakeAsync(client, "* * * * *");
        var planned = await MakeDueAsync(_service, schedule);
        var job = await client.ReachesAsync(await OneJobAsync(client), "succeeded");
        Assert.Equal(schedule, job["schedule_id"].GetString());
        Assert.NotNull(job["submitted_by"].GetString());
        Assert.Equal(planned, job["run_at"].GetDateTimeOffset());
        Assert.Equal(("bulk", 3, 60, 7), (job["queue"].GetString(), job["priority"].GetInt32(), job["timeout"].GetInt32(), job["max_attempts"].GetInt32()));
        Assert.Equal("""{"mine":1}""", job["payload"].GetRawText());
        var after = await client.GetDocumentAsync("/v1/schedules/" + schedule);
        Assert.Equal((planned, job.Id), (after["last_run_at"].GetDateTimeOffset(), after["last_job_id"].GetString()));
        Assert.True(after["next_run_at"].GetDateTimeOffset() > planned);

        // The same run cannot start another one, whatever becomes of the row: not where a backup brings the old one back.
        await MakeDueAsync(_service, schedule, planned);
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync("/v1/schedules/" + schedule))["next_run_at"].GetDateTimeOffset() > planned, "it has moved on");
        Assert.Single((await client.GetDocumentAsync("/v1/jobs"))["data"].EnumerateArray(), j => j.GetProperty("run_at").GetDateTimeOffset() == planned);
    }

    [Fact]
    public async Task A_run_on_demand_leaves_the_plan_alone_and_is_one_for_one_key()
    {
        using var client = _service.Client();
        var schedule = await MakeAsync(client, "@yearly", ",\"paused\":true");
        var path = $"/v1/schedules/{schedule}";
        var before = await client.GetDocumentAsync(path);
        using var run = await client.SendJsonAsync(HttpMethod.Post, path + ":run", null, ("Idempotency-Key", "once"));
        using var again = await client.SendJsonAsync(HttpMethod.Post, path + ":run", null, ("Idempotency-Key", "once"));
        var job = await run.DocumentAsync();
        Assert.Equal(201, (int)run.StatusCode);
        Assert.Equal(job.Id, (await again.DocumentAsync()).Id);
        Assert.Equal(schedule, (await client.ReachesAsync(job.Id, "succeeded"))["schedule_id"].GetString());
        var after = await client.GetDocumentAsync(path);
        Assert.Equal(before["next_run_at"].GetRawText(), after["next_run_at"].GetRawText());
        Assert.Equal(job.Id, after["last_job_id"].GetString());
        Assert.Single(await client.IdsAsync("/v1/jobs"));
    }

    [Fact]
    public async Task A_run_on_demand_needs_the_scopes_of_the_jobs_type()
    {
        var tenant = TypeId.New(TimeProvider.System);
        using var owner = _service.Client(tenant);
        using var made = await owner.SendJsonAsync(HttpMethod.Post, "/v1/schedules",
            """{"name":"nightly","cron":"@yearly","paused":true,"job":{"type":"resources.export","payload":{"format":"csv"}}}""");
        var path = $"/v1/schedules/{(await made.DocumentAsync()).Id}:run";
        using var clerk = _service.Client(tenant, Roles.Developer, Scopes.JobsRead, Scopes.JobsWrite);
        using var refused = await clerk.SendJsonAsync(HttpMethod.Post, path, null);
        Assert.Equal(403, (int)refused.StatusCode);
        Assert.Empty(await owner.IdsAsync("/v1/jobs"));
        await owner.PostAsync(path, 201);
    }

    [Fact]
    public async Task All_that_was_missed_is_made_up_in_bounds()
    {
        using var client = _service.Client();
        var schedule = await MakeAsync(client, "* * * * *", ",\"missed\":\"all\"");
        await MakeDueAsync(_service, schedule, TimeProvider.System.GetUtcNow().AddHours(-30));
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs?limit=200")).Length >= 100, "a hundred jobs");
        Assert.InRange((await client.IdsAsync("/v1/jobs?limit=200")).Length, 100, 102);
        Assert.NotEqual(JsonValueKind.Null, (await client.GetDocumentAsync("/v1/schedules/" + schedule))["last_skipped_at"].ValueKind);
    }

    [Fact]
    public async Task No_run_joins_a_job_that_has_not_ended()
    {
        using var client = _service.Client();
        await client.PostAsync("/v1/queues/bulk:pause");
        var schedule = await MakeAsync(client, "* * * * *", ",\"overlap\":\"skip\"");
        var path = "/v1/schedules/" + schedule;
        var job = (await client.PostAsync(path + ":run", 201)).Id;
        await MakeDueAsync(_service, schedule);
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync(path))["last_skipped_at"].ValueKind != JsonValueKind.Null, "a run is skipped");
        Assert.Equal([job], await client.IdsAsync("/v1/jobs"));

        await client.PostAsync("/v1/queues/bulk:resume");
        await client.ReachesAsync(job, "succeeded");
        await MakeDueAsync(_service, schedule);
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs")).Length == 2, "the next run is not skipped");
    }

    [Fact]
    public async Task Two_instances_and_crashes_at_the_commit_start_every_run_once()
    {
        await using var first = await ProcessingFixture.StartAsync();
        await using var second = await ProcessingFixture.StartAsync(first.Database);
        using var client = first.Client();
        for (var i = 0; i < 30; i++)
        {
            await MakeAsync(client, "* * * * *");
        }

        // Everything is written; then, at its commit, the connection is killed: three times in a row. Commits after that take so long that the other instance looks meanwhile.
        await first.Database.ExecuteAsync("""
            CREATE SEQUENCE processing.interruption;
            GRANT USAGE ON SEQUENCE processing.interruption TO PUBLIC;
            CREATE FUNCTION processing.interrupt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF NEW.last_at IS NOT DISTINCT FROM OLD.last_at THEN RETURN NULL; END IF;
                IF nextval('processing.interruption') <= 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); ELSE PERFORM pg_sleep(0.05); END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER interrupt AFTER UPDATE ON processing.schedule DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION processing.interrupt();
            UPDATE processing.schedule SET next_at = date_trunc('minute', now());
            """);
        await Eventually.IsTrueAsync(() => first.Database.ScalarAsync<bool>("SELECT count(*) = 0 FROM processing.schedule WHERE next_at <= now()"), "nothing is due");
        Assert.True(await first.Database.ScalarAsync<long>("SELECT last_value FROM processing.interruption") > 3);

        // The turn of a minute may fall into the test: then each has a second run, at another time.
        Assert.Equal(0L, await first.Database.ScalarAsync<long>("SELECT count(*) FROM (SELECT FROM processing.job GROUP BY schedule_id, run_at HAVING count(*) <> 1) d"));
        Assert.Equal(30L, await first.Database.ScalarAsync<long>("SELECT count(DISTINCT schedule_id) FROM processing.job"));
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_started_holds_up_no_other()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        var bad = await MakeAsync(client, "* * * * *");
        for (var i = 0; i < 3; i++)
        {
            await MakeAsync(client, "* * * * *");
        }

        await service.Database.ExecuteAsync($"""
            CREATE FUNCTION processing.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON processing.schedule FOR EACH ROW
                WHEN (OLD.name = 'bad' AND NEW.last_job_id IS NOT NULL) EXECUTE FUNCTION processing.refuse();
            UPDATE processing.schedule SET name = 'bad' WHERE id = (SELECT min(id::text)::uuid FROM processing.schedule);
            UPDATE processing.schedule SET next_at = date_trunc('minute', now());
            """);
        await Eventually.IsTrueAsync(() => service.Database.ScalarAsync<bool>("SELECT count(*) = 0 FROM processing.schedule WHERE next_at <= now()"), "nothing is due");
        Assert.Equal(3L, await service.Database.ScalarAsync<long>("SELECT count(DISTINCT schedule_id) FROM processing.job"));
        Assert.Equal(JsonValueKind.Null, (await client.GetDocumentAsync("/v1/schedules/" + bad))["last_job_id"].ValueKind);
    }

    [Theory]
    [InlineData("""{"cron":"* * * * *",%}""", "/name", "required")]
    [InlineData("""{"name":"n",%}""", "/cron", "required")]
    [InlineData("""{"name":"n","cron":"61 * * * *",%}""", "/cron", "invalid_cron")]
    [InlineData("""{"name":"n","cron":"0 0 30 2 *",%}""", "/cron", "invalid_cron")]
    [InlineData("""{"name":"n","cron":7,%}""", "/cron", "wrong_type")]
    [InlineData("""{"name":"n","cron":"@daily","time_zone":"Mars/Base",%}""", "/time_zone", "unknown_time_zone")]
    [InlineData("""{"name":"n","cron":"@daily"}""", "/job", "required")]
    [InlineData("""{"name":"n","cron":"@daily","job":{"type":"nope","payload":{}}}""", "/job/type", "unknown_job_type")]
    [InlineData("""{"name":"n","cron":"@daily","job":{"type":"http.request","payload":{"url":"x"}}}""", "/job/payload/url", "invalid_format")]
    [InlineData("""{"name":"n","cron":"@daily","job":{"type":"noop","payload":{},"priority":99}}""", "/job/priority", "out_of_range")]
    [InlineData("""{"name":"n","cron":"@daily","missed":"some",%}""", "/missed", "invalid_value")]
    [InlineData("""{"name":"n","cron":"@daily","overlap":"maybe",%}""", "/overlap", "invalid_value")]
    [InlineData("""{"name":"n","cron":"@daily","starts_at":"2026-02-01T00:00:00Z","ends_at":"2026-01-01T00:00:00Z",%}""", "/ends_at", "invalid_value")]
    [InlineData("""{"name":"n","cron":"@daily","colour":"red",%}""", "/colour", "unknown_field")]
    public async Task A_schedule_is_refused(string body, string pointer, string code)
    {
        using var client = _service.Client();
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/schedules", body.Replace("%", Noop, StringComparison.Ordinal));
        var problem = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 400, problem.Text);
        Assert.Contains(problem["errors"].EnumerateArray(), e => e.GetProperty("pointer").GetString() == pointer && e.GetProperty("code").GetString() == code);
        Assert.Empty(await client.IdsAsync("/v1/schedules"));
    }

    [Fact]
    public async Task A_patch_cannot_make_what_creation_refuses()
    {
        using var client = _service.Client();
        var path = "/v1/schedules/" + await MakeAsync(client, "@daily");
        foreach (var patch in (string[])["""{"cron":"nonsense"}""", """{"name":null}""", """{"job":{"type":"nope"}}""", """{"next_run_at":"2026-01-01T00:00:00Z"}"""])
        {
            using var response = await client.SendJsonAsync(HttpMethod.Patch, path, patch);
            Assert.Equal(400, (int)response.StatusCode);
        }

        using var count = await client.GetAsync(path + "/next?count=101");
        Assert.Equal(400, (int)count.StatusCode);
        Assert.Equal(1, (await client.GetDocumentAsync(path))["version"].GetInt32());
    }

    private static async Task<string> MakeAsync(HttpClient client, string cron, string more = "")
    {
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/schedules", $$"""{"name":"s","cron":"{{cron}}",{{Noop}}{{more}}}""");
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 201, document.Text);
        return document.Id;
    }

    private static async Task<Document> PatchAsync(HttpClient client, string path, string patch, string tag)
    {
        using var response = await client.SendJsonAsync(HttpMethod.Patch, path, patch, ("If-Match", tag));
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 200, document.Text);
        return document;
    }

    /// <summary>Makes the run of a minute due, of the current one at first.</summary>
    private static async Task<DateTimeOffset> MakeDueAsync(TestService service, string schedule, DateTimeOffset? at = null)
    {
        var planned = at ?? TimeProvider.System.GetUtcNow();
        planned = planned.AddTicks(-(planned.Ticks % TimeSpan.TicksPerMinute));
        Assert.True(TypeId.TryParse(IdPrefix.Schedule, schedule, out var id));
        await service.Database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE processing.schedule SET next_at = '{planned:O}' WHERE id = '{id}'"));
        return planned;
    }

    private static async Task<string> OneJobAsync(HttpClient client) =>
        (await Eventually.GetAsync(async () => await client.IdsAsync("/v1/jobs") is { Length: > 0 } ids ? ids : null, "the job is started"))[0];
}
