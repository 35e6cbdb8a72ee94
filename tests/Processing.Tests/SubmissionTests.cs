using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Processing.Submissions;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Jobs that other systems submit through the stream.</summary>
public sealed class SubmissionTests : IAsyncLifetime
{
    private readonly Guid _tenant = TypeId.New(TimeProvider.System);
    private TestService _service = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _service = await ProcessingFixture.StartAsync(null, ("Eventing:ParkedDelay", "00:00:00.001"), ("Eventing:ConsumerPoll", "00:00:00.020"));
        _client = _service.Client(_tenant);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("critical")]
    [InlineData("default")]
    [InlineData("bulk")]
    [InlineData("notifications")]
    public async Task A_submission_becomes_a_job_of_its_topics_queue_and_runs(string queue)
    {
        var message = Message(queue, """{"type":"noop","payload":{"n":1},"priority":7,"max_attempts":3,"timeout":9}""");
        await PublishAsync(message);
        var job = await _client.FindsAsync(JobId(message));
        job = await _client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal((queue, 7, 3, 9, 1), (job["queue"].GetString(), job["priority"].GetInt32(), job["max_attempts"].GetInt32(),
            job["timeout"].GetInt32(), job["attempt"].GetInt32()));
        Assert.Equal("""{"n":1}""", job["payload"].GetRawText());
        Assert.Equal([job.Id], await _client.IdsAsync("/v1/jobs"));
        await Eventually.IsTrueAsync(async () => await EventsAsync("job.succeeded") == 1, "its end is told");
        Assert.Equal(1L, await EventsAsync("job.created"));
    }

    [Fact]
    public async Task The_declared_event_is_what_is_read()
    {
        var later = new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var submitted = new JobSubmitted
        {
            Type = "noop", Payload = JsonSerializer.SerializeToElement(new { }), Queue = "bulk", RunAt = later, Priority = 1, MaxAttempts = 2, Timeout = 3, UniqueKey = "u",
        };
        var message = OutboxMessage.FromJson(JobSubmitted.EventType, JobSubmitted.TopicOf("bulk"), "partner", _tenant, "order-1", EventJson.Serialize(submitted), TimeProvider.System);
        await PublishAsync(message);
        var job = await _client.FindsAsync(JobId(message));
        Assert.Equal(("scheduled", "u", 1), (job.State, job["unique_key"].GetString(), job["priority"].GetInt32()));
        Assert.Equal(later, job["run_at"].GetDateTimeOffset());
    }

    [Fact]
    public async Task The_same_submission_again_is_the_same_job_even_when_the_inbox_has_forgotten_it()
    {
        var message = Message("default", """{"type":"noop","payload":{}}""");
        await PublishAsync(message, message);
        await _client.ReachesAsync((await _client.FindsAsync(JobId(message))).Id, "succeeded");
        await _service.Database.ExecuteAsync("DELETE FROM processing.inbox");
        await PublishAsync(message);
        var last = Message("default", """{"type":"noop","payload":{}}""");
        await PublishAsync(last);
        await _client.ReachesAsync((await _client.FindsAsync(JobId(last))).Id, "succeeded");
        Assert.Equal(4L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.jobs_default"));
        Assert.Equal(2L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.inbox WHERE consumer_group = 'processing.submissions'"));
        Assert.Equal(2, (await _client.IdsAsync("/v1/jobs")).Length);
        Assert.Equal(0L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.work_item"));
        await Eventually.IsTrueAsync(async () => await EventsAsync("job.succeeded") == 2, "both ends are told");
        Assert.Equal(2L, await EventsAsync("job.created"));
    }

    [Theory]
    [InlineData("garbage", "malformed_json")]
    [InlineData("", "malformed_json")]
    [InlineData("[]", "wrong_type")]
    [InlineData("""{"type":"noop"}""", "/payload: ", "required")]
    [InlineData("""{"type":"nope","payload":{},"extra":1}""", "/type: ", "unknown_job_type", "/extra: ", "unknown_field")]
    [InlineData("""{"type":"http.request","payload":{"url":"x"}}""", "/payload/url: ", "invalid_format")]
    [InlineData("""{"type":"noop","payload":{},"priority":10}""", "/priority: ", "out_of_range")]
    [InlineData("""{"type":"noop","payload":{},"queue":"bulk"}""", "/queue: ", "wrong_queue")]
    [InlineData("""{"type":"noop","payload":{},"queue":"urgent"}""", "/queue: ", "wrong_queue")]
    [InlineData("""{"type":"noop","payload":{},"id":"res_01"}""", "/id: ", "invalid_format")]
    [InlineData("""{"type":"noop","payload":{"a":"\u0000"}}""", "/payload/a: ", "invalid_text")]
    public async Task An_invalid_one_is_dead_with_its_faults_and_the_others_of_its_batch_are_accepted(string data, params string[] reasons)
    {
        var good = Message("default", """{"type":"noop","payload":{}}""");
        await PublishAsync(Message("default", data), good);
        await _client.ReachesAsync((await _client.FindsAsync(JobId(good))).Id, "succeeded");
        var dead = await DeadAsync();
        Assert.Contains("PoisonEventException", dead, StringComparison.Ordinal);
        Assert.All(reasons, reason => Assert.Contains(reason, dead, StringComparison.Ordinal));
        Assert.Single(await _client.IdsAsync("/v1/jobs"));
    }

    [Fact]
    public async Task Another_event_on_these_topics_is_dead_and_not_overlooked()
    {
        await PublishAsync(OutboxMessage.FromJson("order.placed", Topics.JobsDefault, "partner", _tenant, "x", "{}"u8.ToArray(), TimeProvider.System));
        Assert.Contains("'order.placed'", await DeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_at_once_all_run_and_take_few_transactions()
    {
        await PublishAsync([.. Enumerable.Range(0, 1000).Select(n => Message("default", $$$"""{"type":"noop","payload":{"n":{{{n}}}}}"""))]);
        await Eventually.IsTrueAsync(
            async () => await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end WHERE outcome = 'succeeded' AND attempt = 1") == 1000, "all are done");
        Assert.Equal(1000L, await _service.Database.ScalarAsync<long>("SELECT count(DISTINCT payload->>'n') FROM processing.job"));
        var transactions = await _service.Database.ScalarAsync<long>(
            "SELECT count(DISTINCT xmin::text) FROM processing.inbox WHERE consumer_group = 'processing.submissions'");
        Assert.InRange(transactions, 1, 50);
        await Eventually.IsTrueAsync(async () => await EventsAsync("job.created") == 1000, "an event for each");
    }

    [Fact]
    public async Task Of_one_unique_key_one_job_is_alive_and_the_next_after_it()
    {
        const string Data = """{"type":"noop","payload":{},"unique_key":"k","run_at":"2999-01-01T00:00:00Z"}""";
        var first = Message("default", Data);
        await PublishAsync(first, Message("default", Data), Message("bulk", Data.Replace("\"k\"", "\"other\"", StringComparison.Ordinal)));
        await _client.FindsAsync(JobId(first));
        using (var again = await _client.SubmitAsync(Data))
        {
            Assert.Equal((200, JobId(first)), ((int)again.StatusCode, (await again.DocumentAsync()).Id));
        }

        await PublishAsync(Message("default", Data), Message("default", """{"type":"noop","payload":{},"unique_key":"end"}"""));
        await Eventually.IsTrueAsync(async () => await EventsAsync("job.succeeded") == 1, "the one behind them");
        Assert.Equal(3, (await _client.IdsAsync("/v1/jobs")).Length);
        Assert.Equal(3L, await EventsAsync("job.created"));
        Assert.Equal(2L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.work_item"));

        await _client.PostAsync($"/v1/jobs/{JobId(first)}:cancel");
        var next = Message("default", Data);
        await PublishAsync(next);
        await _client.FindsAsync(JobId(next));
    }

    [Fact]
    public async Task A_job_that_has_ended_does_not_take_its_unique_key_when_its_submission_comes_again()
    {
        var message = Message("default", """{"type":"noop","payload":{},"unique_key":"k"}""");
        await PublishAsync(message);
        await _client.ReachesAsync((await _client.FindsAsync(JobId(message))).Id, "succeeded");
        await _service.Database.ExecuteAsync("DELETE FROM processing.inbox");
        await PublishAsync(message);
        var next = Message("default", """{"type":"noop","payload":{},"unique_key":"k"}""");
        await PublishAsync(next);
        await _client.ReachesAsync((await _client.FindsAsync(JobId(next))).Id, "succeeded");
        Assert.Equal(0L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_unique"));
    }

    [Fact]
    public async Task The_submitter_may_name_the_job_and_a_name_belongs_to_one_organization()
    {
        var name = TypeId.Format(IdPrefix.Job, TypeId.New(TimeProvider.System));
        var data = $$$"""{"id":"{{{name}}}","type":"noop","payload":{"from":"owner"}}""";
        await PublishAsync(Message("default", data));
        await _client.ReachesAsync((await _client.FindsAsync(name)).Id, "succeeded");

        await PublishAsync(Message("default", data), Message("default", data, TypeId.New(TimeProvider.System)));
        Assert.Contains("id_taken", await DeadAsync(), StringComparison.Ordinal);
        Assert.Equal(1L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job"));
        Assert.Equal(1L, await EventsAsync("job.created"));
    }

    [Fact]
    public void Ids_follow_from_event_and_organization_and_keep_the_time()
    {
        var (one, two) = (Guid.Parse("01900000-0000-7000-8000-000000000001"), Guid.Parse("01900000-0001-7000-8000-000000000001"));
        Assert.Equal(Submission.IdOf(one, _tenant), Submission.IdOf(one, _tenant));
        Assert.NotEqual(Submission.IdOf(one, _tenant), Submission.IdOf(one, TypeId.New(TimeProvider.System)));
        Assert.NotEqual(Submission.IdOf(one, _tenant), Submission.IdOf(Guid.Parse("01900000-0000-7000-8000-000000000002"), _tenant));
        Assert.StartsWith("01900000-0000-8", Submission.IdOf(one, _tenant).ToString(), StringComparison.Ordinal);
        Assert.True(string.CompareOrdinal(TypeId.Format("job", Submission.IdOf(one, _tenant)), TypeId.Format("job", Submission.IdOf(two, _tenant))) < 0);
    }

    private OutboxMessage Message(string queue, string data, Guid? tenant = null) => OutboxMessage.FromJson(
        EventTypes.JobSubmitted, JobSubmitted.TopicOf(queue), "partner", tenant ?? _tenant, "order-1", Encoding.UTF8.GetBytes(data), TimeProvider.System);

    private string JobId(OutboxMessage message) => TypeId.Format(IdPrefix.Job, Submission.IdOf(message.Id, _tenant));

    private Task PublishAsync(params OutboxMessage[] messages) => _service.Services.GetRequiredService<ProcessingDatabase>().AppendAsync(messages);

    private Task<long> EventsAsync(string type) => _service.Database.ScalarAsync<long>(
        $"SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' = '{type}' AND headers::json->>'ce_tenantid' = '{TypeId.Format(IdPrefix.Organization, _tenant)}'");

    /// <summary>The reason of the one event that is dead.</summary>
    private async Task<string> DeadAsync()
    {
        await Eventually.IsTrueAsync(async () => await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.dead_event") == 1, "one is dead");
        return await _service.Database.ScalarAsync<string>("SELECT error FROM processing.dead_event WHERE consumer_group = 'processing.submissions'");
    }
}
