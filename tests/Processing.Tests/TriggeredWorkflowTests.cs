using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Processing.Tests.Workflows;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Events that start workflows.</summary>
public sealed class TriggeredWorkflowTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task An_event_starts_a_workflow_with_its_input_filled_and_a_second_reading_of_it_starts_no_other()
    {
        await using var service = await ProcessingFixture.StartAsync();
        var tenant = TypeId.New(TimeProvider.System);
        using var client = service.Client(tenant);
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """
            {"event_type":"resource.created","workflow":{"name":"follow","on_failure":"compensate","input":{"id":"{{event.subject}}","envs":["{{event.data.labels.env}}"],"fixed":7},
             "steps":[{"name":"one","job":{"type":"noop","payload":{"of":"{{input.id}}","fixed":"{{input.fixed}}"}}},
                      {"name":"each","needs":["one"],"for_each":"{{input.envs}}","job":{"type":"noop","payload":{"env":"{{item}}"}}}]}}
            """);
        var trigger = await created.DocumentAsync();
        Assert.True((int)created.StatusCode == 201, trigger.Text);
        Assert.Equal(JsonValueKind.Null, trigger["job"].ValueKind);
        Assert.Equal("compensate", trigger["workflow"].GetProperty("on_failure").GetString());
        Assert.Equal(trigger.Text, (await client.GetDocumentAsync("/v1/triggers/" + trigger.Id)).Text);

        await TriggerTests.PublishAsync(service, tenant, TriggerTests.Labelled("res_1", "prod"));
        var workflow = await client.ReachesWorkflowAsync(await OneWorkflowAsync(client), "succeeded");
        Assert.Equal("""{"id":"res_1","envs":["prod"],"fixed":7}""", workflow["input"].GetRawText());
        Assert.Equal((trigger.Id, "follow", "compensate"), (workflow["trigger_id"].GetString(), workflow["name"].GetString(), workflow["on_failure"].GetString()));
        Assert.NotNull(workflow["submitted_by"].GetString());
        var job = await client.GetDocumentAsync("/v1/jobs/" + workflow.Step("one").GetProperty("job_id").GetString());
        Assert.Equal("""{"of":"res_1","fixed":7}""", job["payload"].GetRawText());
        Assert.Single(workflow.Step("each").GetProperty("elements").EnumerateArray());

        // The event once more, and behind it another: where that one has started its workflow, the first was looked at.
        await service.Database.ExecuteAsync("""
            INSERT INTO processing.outbox (topic, partition, key, id, headers, payload)
            SELECT 'events.core', partition, key, id, headers::json, payload FROM stream.events_core WHERE headers::json->>'ce_type' = 'resource.created'
            """);
        await TriggerTests.PublishAsync(service, tenant, TriggerTests.Labelled("res_1", "test"));
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/workflows")).Length >= 2, "the second event's workflow");
        Assert.Equal(2, (await client.IdsAsync("/v1/workflows")).Length);
        Assert.Equal(3L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' = 'resource.created'"));
        Assert.Empty((await client.GetDocumentAsync("/v1/dead-letters"))["data"].EnumerateArray());
    }

    [Fact]
    public async Task A_circle_through_workflows_is_cut_where_a_circle_of_jobs_is()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        await CreatedAsync(client, """
            {"event_type":"job.succeeded","about":{"queue":"bulk"},"workflow":{"input":{"about":"{{event.subject}}"},"steps":[{"name":"a","job":{"type":"noop","payload":{"x":"{{input.about}}"}}}]}}
            """);
        await CreatedAsync(client, """{"event_type":"workflow.succeeded","job":{"type":"noop","queue":"bulk","payload":{}}}""");
        await client.SubmittedAsync("noop", more: ",\"queue\":\"bulk\"");
        var letter = await Eventually.GetAsync(async () =>
            (await client.GetDocumentAsync("/v1/dead-letters?source=events"))["data"].EnumerateArray().Select(l => l.GetRawText()).FirstOrDefault(), "the circle is cut");
        Assert.Contains("trigger_loop", letter, StringComparison.Ordinal);
        Assert.Contains("5 triggers in a row", letter, StringComparison.Ordinal);

        // Workflow, job, workflow, job, workflow: five triggers, and the first job was nobody's.
        Assert.Equal(3, (await client.IdsAsync("/v1/workflows")).Length);
        Assert.Equal(3, (await client.IdsAsync("/v1/jobs?queue=bulk")).Length);
    }

    [Fact]
    public async Task A_circle_through_a_workflows_own_job_is_cut_too()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        await CreatedAsync(client, """{"event_type":"job.succeeded","about":{"type":"noop"},"workflow":{"steps":[{"name":"a","job":{"type":"noop","payload":{"x":"{{input.event.subject}}"}}}]}}""");
        await client.SubmittedAsync("noop");
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync("/v1/dead-letters?source=events"))["data"].GetArrayLength() == 1, "the circle is cut");
        Assert.Equal(5, (await client.IdsAsync("/v1/workflows")).Length);
    }

    [Fact]
    public async Task Only_the_jobs_that_are_meant_fire_it()
    {
        var tenant = TypeId.New(TimeProvider.System);
        using var client = _service.Client(tenant);
        var id = await CreatedAsync(client, """{"event_type":"job.*","about":{"type":"http.request","queue":"critical"},"workflow":{"steps":[{"name":"a","kind":"approval"}]}}""");
        await CreatedAsync(client, """{"event_type":"job.created","about":{"queue":"bulk"},"workflow":{"name":"witness","steps":[{"name":"a","kind":"approval"}]}}""");
        await client.SubmittedAsync("noop", more: ",\"queue\":\"critical\"");
        await client.SubmittedAsync("http.request", """{"method":"GET","url":"http://10.0.0.1/"}""", ",\"max_attempts\":1");
        await client.SubmittedAsync("noop", more: ",\"queue\":\"bulk\"");
        await OneWorkflowAsync(client);
        var meant = await client.SubmittedAsync("http.request", """{"method":"GET","url":"http://10.0.0.1/"}""", ",\"max_attempts\":1,\"queue\":\"critical\"");
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/workflows")).Length == 3, "job.created and job.dead of the one that is meant");
        foreach (var workflow in (await client.IdsAsync("/v1/workflows")).Take(2))
        {
            var document = await client.GetDocumentAsync("/v1/workflows/" + workflow);
            Assert.Equal((id, meant.Id), (document["trigger_id"].GetString(), document["input"].GetProperty("event").GetProperty("subject").GetString()));
        }
    }

    [Fact]
    public async Task A_trigger_can_be_changed_from_a_job_to_a_workflow_and_back()
    {
        using var client = _service.Client();
        var path = "/v1/triggers/" + await CreatedAsync(client, """{"event_type":"resource.created","job":{"type":"noop","payload":{"a":1}}}""");
        using var both = await client.SendJsonAsync(HttpMethod.Patch, path, """{"workflow":{"steps":[{"name":"a","kind":"approval"}]}}""");
        Assert.Equal(400, (int)both.StatusCode);
        using var changed = await client.SendJsonAsync(HttpMethod.Patch, path, """{"job":null,"workflow":{"steps":[{"name":"a","kind":"approval"}]}}""");
        Assert.Equal(200, (int)changed.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await client.GetDocumentAsync(path))["job"].ValueKind);
        using var back = await client.SendJsonAsync(HttpMethod.Patch, path, """{"workflow":null,"job":{"type":"noop","payload":{}}}""");
        Assert.Equal(200, (int)back.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await client.GetDocumentAsync(path))["workflow"].ValueKind);
    }

    [Theory]
    [InlineData("""{"event_type":"*"}""", "/job", "required")]
    [InlineData("""{"event_type":"*","job":{"type":"noop","payload":{}},"workflow":{"steps":[{"name":"a","kind":"approval"}]}}""", "/workflow", "invalid_value")]
    [InlineData("""{"event_type":"*","workflow":{"steps":[]}}""", "/workflow/steps", "required")]
    [InlineData("""{"event_type":"*","workflow":{"steps":[{"name":"a","kind":"approval"}],"unique_key":"u"}}""", "/workflow/unique_key", "unknown_field")]
    [InlineData("""{"event_type":"*","workflow":{"steps":[{"name":"a","kind":"approval","needs":["b"]}]}}""", "/workflow/steps/0/needs/0", "unknown_step")]
    [InlineData("""{"event_type":"*","workflow":{"steps":[{"name":"a","kind":"approval"}],"input":[1]}}""", "/workflow/input", "wrong_type")]
    [InlineData("""{"event_type":"*","workflow":{"steps":[{"name":"a","kind":"approval"}],"input":{"x":["{{input.y}}"]}}}""", "/workflow/input/x/0", "invalid_template")]
    [InlineData("""{"event_type":"*","workflow":{"steps":[{"name":"a","job":{"type":"noop","payload":{"x":"{{event.id}}"}}}]}}""", "/workflow/steps/0/job/payload/x", "invalid_reference")]
    [InlineData("""{"event_type":"*","workflow":{"input":{"y":"{{event.id}}"},"steps":[{"name":"a","job":{"type":"noop","payload":{"x":"{{input.event.id}}"}}}]}}""", "/workflow/steps/0/job/payload/x", "invalid_reference")]
    [InlineData("""{"event_type":"*","workflow":{"input":{"y":7,"z":"{{event.id}}"},"steps":[{"name":"a","for_each":"{{input.y}}","job":{"type":"noop","payload":{}}}]}}""", "/workflow/steps/0/for_each", "wrong_type")]
    [InlineData("""{"event_type":"resource.*","about":{"type":"noop"},"job":{"type":"noop","payload":{}}}""", "/about", "invalid_value")]
    [InlineData("""{"event_type":"job.*","about":{"type":"none"},"job":{"type":"noop","payload":{}}}""", "/about/type", "unknown_job_type")]
    [InlineData("""{"event_type":"job.*","about":{"queue":"none"},"job":{"type":"noop","payload":{}}}""", "/about/queue", "invalid_value")]
    public async Task What_makes_no_sense_is_refused_with_its_place(string body, string pointer, string code)
    {
        using var client = _service.Client();
        using var refused = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", body);
        var problem = await refused.DocumentAsync();
        Assert.True((int)refused.StatusCode == 400, problem.Text);
        var error = Assert.Single(problem["errors"].EnumerateArray());
        Assert.Equal((pointer, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
        Assert.Empty(await client.IdsAsync("/v1/triggers"));
    }

    [Fact]
    public async Task A_workflow_needs_the_scopes_of_its_jobs_types()
    {
        using var client = _service.Client(scopes: ["jobs.read", "jobs.write"]);
        using var refused = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", """
            {"event_type":"*","workflow":{"steps":[{"name":"a","job":{"type":"resources.export","payload":{"type":"order","format":"csv"}}}]}}
            """);
        Assert.Equal(403, (int)refused.StatusCode);
    }

    private static async Task<string> CreatedAsync(HttpClient client, string trigger)
    {
        using var created = await client.SendJsonAsync(HttpMethod.Post, "/v1/triggers", trigger);
        var document = await created.DocumentAsync();
        Assert.True((int)created.StatusCode == 201, document.Text);
        return document.Id;
    }

    private static async Task<string> OneWorkflowAsync(HttpClient client) =>
        (await Eventually.GetAsync(async () => await client.IdsAsync("/v1/workflows") is { Length: > 0 } ids ? ids : null, "the workflow is started")).Single();
}
