using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Processing.Running;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;

namespace Platform.Processing.Tests;

/// <summary>Types of jobs that somebody else brings: what a run may do, and what it may not.</summary>
public sealed class HandlerTests(HandlerTests.Fixture fixture) : IClassFixture<HandlerTests.Fixture>
{
    private HttpClient Client => fixture.Service.Client();

    [Fact]
    public async Task Statements_of_a_success_commit_with_it_once_although_the_job_ran_twice()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["ledger","fail","ledger"]}""");
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal((2, 2), (done["attempt"].GetInt32(), done["result"].GetProperty("attempt").GetInt32()));
        Assert.Equal(1L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM public.ledger WHERE job = '{job.Id}'"));
    }

    [Fact]
    public async Task A_checkpoint_is_where_the_next_attempt_goes_on_and_success_deletes_it()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["checkpoint","fail","checkpoint"]}""");
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal(1, done["result"].GetProperty("resumed_from").GetInt32());
        Assert.Equal((1.0, JsonValueKind.Null), (done["progress"].GetDouble(), done["progress_note"].ValueKind));
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM processing.job_progress WHERE note = '{job.Id}'"));
    }

    [Fact]
    public async Task A_job_that_gives_up_is_dead_at_once_and_shows_how_far_it_came()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["checkpoint","give_up"]}""");
        var dead = await client.ReachesAsync(job.Id, "dead");
        Assert.Equal((1, "given up", 0.25, job.Id), (dead["attempt"].GetInt32(), dead["error"].GetString(), dead["progress"].GetDouble(), dead["progress_note"].GetString()));
    }

    [Fact]
    public async Task A_dead_job_that_is_retried_goes_on_from_its_checkpoint()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["checkpoint","give_up_once"]}""");
        await client.ReachesAsync(job.Id, "dead");
        await client.PostAsync($"/v1/jobs/{job.Id}:retry");
        Assert.Equal(1, (await client.ReachesAsync(job.Id, "succeeded"))["result"].GetProperty("resumed_from").GetInt32());
    }

    [Fact]
    public async Task A_snooze_counts_no_attempt()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["snooze_once"]}""", ""","max_attempts":1""");
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal((1, 0), (done["attempt"].GetInt32(), done["errors"].GetArrayLength()));
    }

    [Fact]
    public async Task Progress_is_seen_while_the_job_runs()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["checkpoint","wait"]}""");
        var seen = await Eventually.GetAsync(async () =>
            await client.GetDocumentAsync("/v1/jobs/" + job.Id) is { State: "running" } running && running["progress"].GetDouble() > 0 ? running : null, "there is progress");
        Assert.Equal((0.25, job.Id), (seen["progress"].GetDouble(), seen["progress_note"].GetString()));
        await client.PostAsync($"/v1/jobs/{job.Id}:cancel");
    }

    [Fact]
    public async Task A_run_whose_claim_was_lost_can_neither_keep_a_checkpoint_nor_end_the_job()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["await_theft","checkpoint","ledger"]}""");
        await fixture.WaitsAsync(job.Id);
        await fixture.Service.Database.ExecuteAsync($"UPDATE processing.work_item SET token = 7, lease_until = now() + interval '1 hour' WHERE id = '{Uuid(job.Id)}'");
        Steps.Release(job.Id);
        await Eventually.IsTrueAsync(() => Steps.WasRefused(job.Id), "the checkpoint is refused");
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM processing.job_progress WHERE id = '{Uuid(job.Id)}'"));
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM public.ledger WHERE job = '{job.Id}'"));
        Assert.Equal("running", (await client.GetDocumentAsync("/v1/jobs/" + job.Id)).State);
    }

    [Fact]
    public async Task What_a_handler_does_after_its_timeout_is_a_failure_that_says_so()
    {
        var client = Client;
        var job = await client.SubmittedAsync("test.steps", """{"do":["wait"]}""", ""","max_attempts":1,"timeout":1""");
        Assert.Contains("timeout of 1 s", (await client.ReachesAsync(job.Id, "dead"))["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_is_held_against_its_type_and_all_its_faults_are_told()
    {
        using var response = await Client.SubmitAsync("""{"type":"test.typed","payload":{"count":"many","mode":"loud","at":{"lat":"north"},"tags":["a",1],"more":1}}""");
        var problem = await response.DocumentAsync();
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(
            ["/payload/at/lat wrong_type", "/payload/at/lon required", "/payload/count wrong_type", "/payload/mode wrong_type", "/payload/more unknown_field", "/payload/name required", "/payload/tags/1 wrong_type"],
            problem["errors"].EnumerateArray().Select(e => $"{e.GetProperty("pointer").GetString()} {e.GetProperty("code").GetString()}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_type_brings_its_own_attempts_and_timeout()
    {
        var job = await Client.SubmittedAsync("test.typed", """{"name":"x","at":{"lat":1,"lon":2}}""");
        Assert.Equal((3, 90), (job["max_attempts"].GetInt32(), job["timeout"].GetInt32()));
    }

    [Fact]
    public async Task Who_lacks_a_scope_of_the_type_may_not_submit_it()
    {
        using var weak = fixture.Service.Client(null, Roles.Developer, Scopes.JobsWrite, Scopes.JobsRead);
        using var refused = await weak.SubmitAsync("""{"type":"test.typed","payload":{"name":"x","at":{"lat":1,"lon":2}}}""");
        Assert.Equal(403, (int)refused.StatusCode);
        Assert.Contains(Scopes.ResourcesWrite, (await refused.DocumentAsync()).Text, StringComparison.Ordinal);
        using var trigger = await weak.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"resource.created","job":{"type":"test.typed","payload":{"name":"x","at":{"lat":1,"lon":2}}}}""");
        Assert.Equal(403, (int)trigger.StatusCode);
        using var strong = fixture.Service.Client(null, Roles.Developer, Scopes.JobsWrite, Scopes.ResourcesWrite);
        await strong.SubmittedAsync("test.typed", """{"name":"x","at":{"lat":1,"lon":2}}""");
    }

    [Fact]
    public async Task A_worker_that_stops_gives_the_job_back_and_another_goes_on_from_its_checkpoint()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        string id;
        var one = await Fixture.StartAsync(database, ("Work:processing:Drain", "00:00:00.200"));
        using (var client = one.Client(tenant))
        {
            id = (await client.SubmittedAsync("test.steps", """{"do":["checkpoint","wait_once"]}""")).Id;
            await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync("/v1/jobs/" + id))["progress"].GetDouble() > 0, "it is on its way");
        }

        await one.DisposeAsync();
        await using var two = await Fixture.StartAsync(database);
        using var next = two.Client(tenant);
        var done = await next.ReachesAsync(id, "succeeded");
        Assert.Equal((1, 1), (done["attempt"].GetInt32(), done["result"].GetProperty("resumed_from").GetInt32()));
    }

    private static Guid Uuid(string job) =>
        Contracts.Identifiers.TypeId.TryParse(Contracts.Identifiers.IdPrefix.Job, job, out var id) ? id : throw new ArgumentException(job);

    public sealed class Fixture : IAsyncLifetime
    {
        internal TestService Service { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Service = await StartAsync(await TestPostgres.CreateDatabaseAsync());
            await Service.Database.ExecuteAsync("CREATE TABLE public.ledger (job text NOT NULL); GRANT ALL ON public.ledger TO PUBLIC");
        }

        public async Task DisposeAsync() => await Service.DisposeAsync();

        internal Task WaitsAsync(string job) => Eventually.IsTrueAsync(() => Steps.Waits(job), $"{job} waits");

        // Types may be added before the service as well as after it.
        internal static Task<TestService> StartAsync(TestDatabase database, params (string, string)[] settings) => ProcessingFixture.StartAsync(
            services => services.AddJob<StepsPayload, Steps>("test.steps", job => job.RetryDelays = [TimeSpan.FromMilliseconds(10)])
                .AddJob<TypedPayload, Typed>("test.typed", job => (job.MaxAttempts, job.Timeout, job.Scopes) = (3, TimeSpan.FromSeconds(90), [Scopes.ResourcesWrite])),
            database, settings);
    }
}
