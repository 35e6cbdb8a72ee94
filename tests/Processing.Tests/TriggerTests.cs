using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Events that start jobs.</summary>
public sealed class TriggerTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task An_event_that_matches_starts_a_job_with_the_event_in_its_payload()
    {
        var tenant = TypeId.New(TimeProvider.System);
        using var client = _service.Client(tenant);
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers",
            """{"event_type":"resource.created","labels":{"env":"prod"},"job":{"type":"noop","queue":"bulk","payload":{"mine":1}}}""");
        Assert.Equal(201, (int)created.StatusCode);
        var trigger = (await created.DocumentAsync()).Id;
        Assert.Equal("/v1/triggers/" + trigger, created.Headers.Location!.OriginalString);
        Assert.Equal("""{"env":"prod"}""", (await client.GetDocumentAsync("/v1/triggers/" + trigger))["labels"].GetRawText());
        Assert.Equal([trigger], await client.IdsAsync("/v1/triggers"));

        await PublishAsync(_service, tenant, new ResourceCreated { Id = "res_1", Type = "order", Version = 1, CreatedAt = default, UpdatedAt = default });
        await PublishAsync(_service, TypeId.New(TimeProvider.System), Labelled("res_2", "prod"));
        var wanted = await PublishAsync(_service, tenant, Labelled("res_3", "prod"));
        var job = await OneJobAsync(client);
        var done = await client.ReachesAsync(job, "succeeded");
        Assert.Equal("bulk", done["queue"].GetString());
        Assert.Equal(trigger, done["trigger_id"].GetString());
        Assert.Equal(1, done["payload"].GetProperty("mine").GetInt32());
        var received = done["payload"].GetProperty("event");
        Assert.Equal(TypeId.Format(IdPrefix.Event, wanted), received.GetProperty("id").GetString());
        Assert.Equal("res_3", received.GetProperty("subject").GetString());
        Assert.Equal("prod", received.GetProperty("data").GetProperty("labels").GetProperty("env").GetString());

        using var deleted = await client.DeleteAsync("/v1/triggers/" + trigger);
        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Empty(await client.IdsAsync("/v1/triggers"));
    }

    [Fact]
    public async Task It_fires_once_for_an_event_although_the_consumer_is_interrupted_before_its_commit()
    {
        await using var service = await ProcessingFixture.StartAsync();
        var tenant = TypeId.New(TimeProvider.System);
        using var client = service.Client(tenant);
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"resource.created","job":{"type":"noop","payload":{}}}""");

        // Everything is written; then, at its commit, the consumer's connection is killed: three times in a row.
        await service.Database.ExecuteAsync("""
            CREATE SEQUENCE processing.interruption;
            GRANT USAGE ON SEQUENCE processing.interruption TO PUBLIC;
            CREATE FUNCTION processing.interrupt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF NEW.trigger_id IS NOT NULL AND nextval('processing.interruption') <= 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER interrupt AFTER INSERT ON processing.job DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION processing.interrupt();
            """);
        await PublishAsync(service, tenant, Labelled("res_1", "a"));
        await client.ReachesAsync(await OneJobAsync(client), "succeeded");
        Assert.True(await service.Database.ScalarAsync<long>("SELECT last_value FROM processing.interruption") >= 4);

        // And once although the event is in the stream twice.
        await service.Database.ExecuteAsync("""
            INSERT INTO processing.outbox (topic, partition, key, id, headers, payload)
            SELECT 'events.core', partition, key, id, headers::json, payload FROM stream.events_core WHERE headers::json->>'ce_type' = 'resource.created'
            """);
        await PublishAsync(service, tenant, Labelled("res_1", "b"));
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs")).Length >= 2, "the second event's job");
        Assert.Equal(2, (await client.IdsAsync("/v1/jobs")).Length);
        Assert.Equal(3L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' = 'resource.created'"));
    }

    [Fact]
    public async Task Templates_are_filled_and_the_job_is_as_the_trigger_says()
    {
        var tenant = TypeId.New(TimeProvider.System);
        using var client = _service.Client(tenant);
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """
            {"event_type":"resource.*","job":{"type":"noop","queue":"critical","priority":4,"timeout":50,"max_attempts":2,
             "payload":{"id":"{{event.subject}}","labels":"{{ event.data.labels }}","list":["{{event.data.version}}","v{{event.data.version}} of {{event.data.labels.env}}{{event.data.none}}"],
                        "none":"{{event.data.labels.none}}","plain":"{ {x}"}}}
            """);
        Assert.Equal(201, (int)created.StatusCode);
        await PublishAsync(_service, tenant, Labelled("res_1", "pr\"od"));
        var job = await client.ReachesAsync(await OneJobAsync(client), "succeeded");
        Assert.Equal("""{"id":"res_1","labels":{"env":"pr\"od"},"list":[1,"v1 of pr\"od"],"none":null,"plain":"{ {x}"}""", job["payload"].GetRawText());
        Assert.Equal(("critical", 4, 50, 2), (job["queue"].GetString(), job["priority"].GetInt32(), job["timeout"].GetInt32(), job["max_attempts"].GetInt32()));
        Assert.NotNull(job["submitted_by"].GetString());
    }

    [Fact]
    public async Task A_trigger_is_changed_paused_and_resumed()
    {
        var tenant = TypeId.New(TimeProvider.System);
        using var client = _service.Client(tenant);
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"resource.created","labels":{"env":"a"},"job":{"type":"noop","payload":{}},"paused":true}""");
        var id = (await created.DocumentAsync()).Id;
        var path = "/v1/triggers/" + id;

        // What passes by while it is paused is known by the job of another one.
        using var witness = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"resource.created","job":{"type":"noop","payload":{}}}""");
        await PublishAsync(_service, tenant, Labelled("res_1", "b"));
        await OneJobAsync(client);
        using var patched = await client.SendJsonAsync(HttpMethod.Patch, path, """{"labels":{"env":"b"},"paused":false,"job":{"payload":{"n":1}}}""", ("If-Match", "\"1\""));
        var trigger = await patched.DocumentAsync();
        Assert.True((int)patched.StatusCode == 200, trigger.Text);
        Assert.Equal(("\"2\"", """{"env":"b"}"""), (patched.Headers.ETag!.Tag, trigger["labels"].GetRawText()));
        Assert.Equal(trigger.Text, (await client.GetDocumentAsync(path)).Text);
        using var stale = await client.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true}""", ("If-Match", "\"1\""));
        Assert.Equal(412, (int)stale.StatusCode);
        using var refused = await client.SendJsonAsync(HttpMethod.Patch, path, """{"event_type":"weather.*"}""");
        Assert.Equal(400, (int)refused.StatusCode);

        await PublishAsync(_service, tenant, Labelled("res_2", "b"));
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs")).Length == 3, "both triggers have started a job");
        var job = (await client.GetDocumentAsync("/v1/jobs"))["data"].EnumerateArray().Single(j => j.GetProperty("trigger_id").GetString() == id);
        Assert.Equal("res_2", job.GetProperty("payload").GetProperty("event").GetProperty("subject").GetString());
        Assert.Equal(1, job.GetProperty("payload").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_circle_of_triggers_ends_among_the_dead_letters()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"job.succeeded","job":{"type":"noop","payload":{"about":"{{event.subject}}"}}}""");
        Assert.Equal(201, (int)created.StatusCode);
        var first = await client.SubmittedAsync("noop");
        var letter = await Eventually.GetAsync(async () =>
            (await client.GetDocumentAsync("/v1/dead-letters?source=events"))["data"].EnumerateArray().Select(l => l.GetRawText()).FirstOrDefault(), "the circle is cut");
        Assert.Contains("trigger_loop", letter, StringComparison.Ordinal);
        Assert.Contains("5 triggers in a row", letter, StringComparison.Ordinal);
        var jobs = (await client.GetDocumentAsync("/v1/jobs"))["data"].EnumerateArray().ToArray();
        Assert.Equal(6, jobs.Length);
        Assert.Equal(jobs.Skip(1).Select(j => j.GetProperty("id").GetString()), jobs.SkipLast(1).Select(j => j.GetProperty("payload").GetProperty("about").GetString()));
        Assert.Equal(first.Id, jobs[^1].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_trigger_that_cannot_fill_its_payload_is_a_dead_letter_and_the_others_fire()
    {
        await using var service = await ProcessingFixture.StartAsync();
        var tenant = TypeId.New(TimeProvider.System);
        using var client = service.Client(tenant);
        using var greedy = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers",
            """{"event_type":"resource.created","job":{"type":"noop","payload":{"all":["{{event.data.data}}","{{event.data.data}}","{{event.data.data}}"]}}}""");
        using var modest = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """{"event_type":"resource.created","job":{"type":"noop","payload":{"id":"{{event.subject}}"}}}""");
        var (bad, good) = ((await greedy.DocumentAsync()).Id, (await modest.DocumentAsync()).Id);
        await PublishAsync(service, tenant, Labelled("res_1", "a") with { Data = JsonSerializer.SerializeToElement(new string('x', 100 * 1024)) });
        await PublishAsync(service, tenant, Labelled("res_2", "a"));

        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs")).Length == 3, "all but one job");
        var letter = await Eventually.GetAsync(async () =>
            (await client.GetDocumentAsync("/v1/dead-letters?source=events"))["data"].EnumerateArray().Select(l => new Document(l.GetRawText(), l)).SingleOrDefault(), "the letter");
        var reason = letter["reason"].GetString();
        Assert.Equal($"{bad}: It has more than 262144 bytes (too_large).", reason);
        var jobs = (await client.GetDocumentAsync("/v1/jobs"))["data"].EnumerateArray().Select(j => j.GetProperty("trigger_id").GetString()).ToArray();
        Assert.Equal((1, 2), (jobs.Count(j => j == bad), jobs.Count(j => j == good)));

        using var mended = await client.SendJsonAsync(HttpMethod.Patch, "/v1/triggers/" + bad, """{"job":{"payload":{"all":"{{event.subject}}"}}}""");
        Assert.Equal(200, (int)mended.StatusCode);
        await client.PostAsync($"/v1/dead-letters/{letter.Id}:redrive");
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync("/v1/dead-letters"))["data"].GetArrayLength() == 0, "the letter is gone");
        jobs = [.. (await client.GetDocumentAsync("/v1/jobs"))["data"].EnumerateArray().Select(j => j.GetProperty("trigger_id").GetString())];
        Assert.Equal((2, 2), (jobs.Count(j => j == bad), jobs.Count(j => j == good)));
    }

    internal static ResourceCreated Labelled(string id, string env) => new()
    {
        Id = id, Type = "order", Version = 1, CreatedAt = default, UpdatedAt = default, Labels = new Dictionary<string, string> { ["env"] = env },
    };

    internal static async Task<string> OneJobAsync(HttpClient client) =>
        (await Eventually.GetAsync(async () => await client.IdsAsync("/v1/jobs") is { Length: > 0 } ids ? ids : null, "the job is started")).Single();

    internal static async Task<Guid> PublishAsync(TestService service, Guid tenant, ResourceCreated created)
    {
        var database = service.Services.GetRequiredService<ProcessingDatabase>();
        var message = OutboxMessage.Create("core", tenant, created.Id, created, TimeProvider.System);
        await using var connection = await database.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.Append(batch, "processing", message);
        await batch.ExecuteNonQueryAsync();
        database.OutboxWritten.Set();
        return message.Id;
    }
}
