using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.Contracts.Events;
using Platform.Testing;
using static Platform.Processing.Tests.Workflows.WorkflowCalls;

namespace Platform.Processing.Tests.Workflows;

/// <summary>Workflows that run to their end.</summary>
public sealed class RunningTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task Steps_run_one_after_the_other_and_the_graph_shows_them()
    {
        using var client = _service.Client();
        var started = await client.StartedAsync($"""{Noop("a")},{Noop("b", "\"a\"")},{Noop("c", "\"b\"")}""", ""","name":"three" """);
        Assert.Equal("running", started.State);
        Assert.Equal("a:running b:pending c:pending", started.States());

        var done = await client.ReachesWorkflowAsync(started.Id, "succeeded");
        Assert.Equal("a:succeeded b:succeeded c:succeeded", done.States());
        Assert.Equal("""[{"from":"a","to":"b"},{"from":"b","to":"c"}]""", done["edges"].GetRawText());
        Assert.Equal("three", done["name"].GetString());
        Assert.True(done.Step("a").GetProperty("finished_at").GetDateTimeOffset() <= done.Step("b").GetProperty("started_at").GetDateTimeOffset());
        foreach (var step in (string[])["a", "b", "c"])
        {
            var job = await client.GetDocumentAsync("/v1/jobs/" + done.Step(step).GetProperty("job_id").GetString());
            Assert.Equal("succeeded", job.State);
            Assert.Equal(done.Id, job["workflow_id"].GetString());
            Assert.Equal(step, job["step"].GetString());
        }

        Assert.Equal(3, (await client.IdsAsync("/v1/jobs")).Length);
        Assert.Equal([done.Id], await client.IdsAsync("/v1/workflows?state=succeeded"));
        Assert.Empty(await client.IdsAsync("/v1/workflows?state=running"));
    }

    [Fact]
    public async Task In_a_diamond_the_last_step_waits_for_both_sides_and_runs_once()
    {
        using var client = _service.Client();
        var id = (await client.StartedAsync($$"""{{Noop("join", "\"left\",\"right\"")}},{{Noop("left", "\"top\"")}},{"name":"right","needs":["top"],"kind":"approval"},{{Noop("top")}}""")).Id;

        // What follows from the end of a step is written with it: who sees the one side done would see the last step begun.
        await client.ReachesStepAsync(id, "right", "waiting");
        Assert.Equal("pending", (await client.ReachesStepAsync(id, "left", "succeeded")).StepState("join"));
        await client.PostAsync($"/v1/workflows/{id}/steps/right:approve");
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        var begun = done.Step("join").GetProperty("started_at").GetDateTimeOffset();
        Assert.True(begun >= done.Step("left").GetProperty("finished_at").GetDateTimeOffset() && begun >= done.Step("right").GetProperty("finished_at").GetDateTimeOffset());
        Assert.Equal(3, (await client.IdsAsync("/v1/jobs")).Length);
    }

    [Fact]
    public async Task A_step_runs_for_each_of_a_hundred_elements_and_its_result_is_in_their_order()
    {
        await using var receiver = await Receiver.StartAsync(http => http.Response.WriteAsync(http.Request.Path.Value!));
        using var client = _service.Client();
        var items = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"n":"n{{i}}"}"""));
        var many = Call("many", receiver.Url + "/{{item.n}}-{{index}}", more: ""","for_each":"{{input.items}}" """);
        var last = """{"name":"last","needs":["many"],"job":{"type":"noop","payload":{"all":"{{steps.many.result}}","tenth":"got {{steps.many.result.10.body}}"}}}""";
        var empty = Noop("none", more: ""","for_each":"{{input.empty}}" """);
        var id = (await client.StartedAsync($"{many},{last},{empty}", $$$""","input":{"items":[{{{items}}}],"empty":[]}""")).Id;

        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"/n{i}-{i}"), done.Step("many").GetProperty("result").EnumerateArray().Select(r => r.GetProperty("body").GetString()));
        Assert.Equal(100, receiver.Calls.Count);
        Assert.Equal(100, done.Step("many").GetProperty("elements").EnumerateArray().Count(e => e.GetProperty("state").GetString() == "succeeded"));
        Assert.Equal("[]", done.Step("none").GetProperty("result").GetRawText());
        var job = await client.GetDocumentAsync("/v1/jobs/" + done.Step("last").GetProperty("job_id").GetString());
        Assert.Equal(100, job["payload"].GetProperty("all").GetArrayLength());
        Assert.Equal("got /n10-10", job["payload"].GetProperty("tenth").GetString());
    }

    [Fact]
    public async Task A_step_whose_condition_does_not_hold_is_skipped_with_all_that_need_it()
    {
        using var client = _service.Client();
        var id = (await client.StartedAsync(
            $$"""
            {{Noop("no", more: ""","when":{"and":[{"ref":"input.n","op":"exists"},{"ref":"input.n","op":"gt","value":5}]}""")}},
            {{Noop("after-no", "\"no\"")}},
            {{Noop("yes", more: ""","when":{"not":{"ref":"input.n","op":"ne","value":3.0}}""")}},
            {{Noop("both", "\"after-no\",\"yes\"")}},
            {{Noop("after-yes", "\"yes\"", ""","when":{"ref":"steps.yes.state","op":"eq","value":"succeeded"}""")}}
            """, ""","input":{"n":3}""")).Id;
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        Assert.Equal("no:skipped after-no:skipped yes:succeeded both:skipped after-yes:succeeded", done.States());
    }

    [Fact]
    public async Task Templates_are_values_where_they_stand_alone_and_text_within_text()
    {
        await using var receiver = await Receiver.StartAsync(http =>
        {
            http.Response.StatusCode = 201;
            return http.Response.WriteAsync("hello {{input.name}}");
        });
        using var client = _service.Client();
        var payload = """
            {"whole":"{{ input.list }}","number":"{{steps.fetch.result.status}}","text":"{{input.name}}: {{input.list.1}} {{input.flag}} {{input.nothing}} {{steps.fetch.result.truncated}}",
             "braces":"\\{{input.name}}","nested":[{"deep":"{{input.flag}}"}],"body":"{{steps.fetch.result.body}}","workflow":"{{workflow.name}}"}
            """;
        var id = (await client.StartedAsync(
            $$"""{{Call("fetch", receiver.Url)}},{"name":"use","needs":["fetch"],"job":{"type":"noop","payload":{{payload}} } }""",
            ""","name":"w","input":{"name":"Ann \"A\"","list":[1,{"x":null}],"flag":true,"nothing":null}""")).Id;
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        var filled = (await client.GetDocumentAsync("/v1/jobs/" + done.Step("use").GetProperty("job_id").GetString()))["payload"];
        var expected = """
            {"whole":[1,{"x":null}],"number":201,"text":"Ann \"A\": {\"x\":null} true null false","braces":"{{input.name}}","nested":[{"deep":true}],
             "body":"hello {{input.name}}","workflow":"w"}
            """;
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), filled), filled.GetRawText());
    }

    [Fact]
    public async Task A_timer_lets_its_time_pass()
    {
        using var client = _service.Client();
        var id = (await client.StartedAsync("""
            {"name":"wait","kind":"timer","timer":{"seconds":1}},{"name":"past","kind":"timer","timer":{"until":"2020-01-01T00:00:00Z"}},
            """ + Noop("after", "\"wait\",\"past\""))).Id;
        var waiting = await client.GetDocumentAsync("/v1/workflows/" + id);
        Assert.Equal("past:succeeded", waiting.States().Split(' ')[1]);
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        var wait = done.Step("wait");
        Assert.True(wait.GetProperty("finished_at").GetDateTimeOffset() - wait.GetProperty("started_at").GetDateTimeOffset() >= TimeSpan.FromMilliseconds(990));
    }

    [Fact]
    public async Task An_approval_is_waited_for_and_its_decision_can_be_read()
    {
        using var client = _service.Client();
        var review = """{"name":"review","kind":"approval","continue_on_failure":true}""";
        var after = Noop("after", "\"review\"", ""","when":{"ref":"steps.review.result.decision","op":"eq","value":"approved"}""");
        var approved = (await client.StartedAsync($"{review},{after}")).Id;
        var rejected = (await client.StartedAsync($"{review},{after}")).Id;
        await client.ReachesStepAsync(approved, "review", "waiting");
        using var yes = await client.SendJsonAsync(HttpMethod.Post, $"/v1/workflows/{approved}/steps/review:approve", """{"comment":"fine"}""");
        Assert.Equal(200, (int)yes.StatusCode);
        Assert.Equal("fine", (await yes.DocumentAsync()).Step("review").GetProperty("result").GetProperty("comment").GetString());
        await client.PostAsync($"/v1/workflows/{rejected}/steps/review:reject");

        Assert.Equal("review:succeeded after:succeeded", (await client.ReachesWorkflowAsync(approved, "succeeded")).States());
        Assert.Equal("review:failed after:skipped", (await client.ReachesWorkflowAsync(rejected, "succeeded")).States());
        Assert.Equal("approval_not_waiting", (await client.PostAsync($"/v1/workflows/{approved}/steps/review:reject", 409))["code"].GetString());
        await client.PostAsync($"/v1/workflows/{approved}/steps/after:approve", 409);
        await client.PostAsync($"/v1/workflows/{approved}/steps/nobody:approve", 404);
    }

    [Fact]
    public async Task An_approval_that_expires_counts_as_what_was_asked_for()
    {
        using var client = _service.Client();
        var id = (await client.StartedAsync(
            """
            {"name":"yes","kind":"approval","approval":{"expires_in":1,"on_expiry":"approve"}},
            {"name":"no","kind":"approval","needs":["yes"],"approval":{"expires_in":1}}
            """)).Id;
        var failed = await client.ReachesWorkflowAsync(id, "failed");
        Assert.Equal("yes:succeeded no:failed", failed.States());
        Assert.Equal("no", failed["failed_step"].GetString());
        Assert.Contains("expired", failed["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_repeated_starts_one_workflow_and_a_unique_key_one_at_a_time()
    {
        using var client = _service.Client();
        var body = $$"""{"steps":[{{Noop("a")}}]}""";
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            using var response = await client.StartAsync(body, "same");
            return (await response.DocumentAsync()).Id;
        }));
        Assert.Single(ids.Distinct());
        await client.ReachesWorkflowAsync(ids[0], "succeeded");
        Assert.Single(await client.IdsAsync("/v1/workflows"));
        Assert.Single(await client.IdsAsync("/v1/jobs"));

        var first = await client.StartedAsync("""{"name":"a","kind":"approval"}""", ""","unique_key":"k" """);
        using var second = await client.StartAsync("""{"steps":[{"name":"a","kind":"approval"}],"unique_key":"k"}""");
        Assert.Equal(200, (int)second.StatusCode);
        Assert.Equal(first.Id, (await second.DocumentAsync()).Id);
        await client.PostAsync($"/v1/workflows/{first.Id}/steps/a:approve");
        Assert.NotEqual(first.Id, (await client.StartedAsync("""{"name":"a","kind":"approval"}""", ""","unique_key":"k" """)).Id);
    }

    [Fact]
    public async Task Every_event_of_a_workflow_has_its_declared_shape()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        await client.ReachesWorkflowAsync((await client.StartedAsync(Noop("a"), ""","name":"n" """)).Id, "succeeded");
        await client.ReachesWorkflowAsync((await client.StartedAsync(Dead("a"), ""","on_failure":"compensate" """)).Id, "compensated");
        var failed = (await client.StartedAsync(Dead("a"))).Id;
        await client.ReachesWorkflowAsync(failed, "failed");
        await client.PostAsync($"/v1/workflows/{failed}:retry");
        var waiting = (await client.StartedAsync("""{"name":"a","kind":"approval","approval":{"expires_in":60}}""")).Id;
        await client.PostAsync($"/v1/workflows/{waiting}:cancel");
        string[] expected =
        [
            EventTypes.WorkflowStarted, EventTypes.WorkflowSucceeded, EventTypes.WorkflowFailed, EventTypes.WorkflowCompensated, EventTypes.WorkflowResumed,
            EventTypes.WorkflowApprovalRequested, EventTypes.WorkflowCancelled,
        ];
        await Eventually.IsTrueAsync(
            async () => expected.Except(await DeclaredEvents.CheckAsync(service.Database, Topics.Core), StringComparer.Ordinal).ToArray() is [], "every kind of event");
    }
}
