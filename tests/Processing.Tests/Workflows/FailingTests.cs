using Microsoft.AspNetCore.Http;
using Platform.Testing;
using static Platform.Processing.Tests.Workflows.WorkflowCalls;

namespace Platform.Processing.Tests.Workflows;

/// <summary>Workflows that fail, are undone, cancelled and retried.</summary>
public sealed class FailingTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task When_a_step_dies_the_completed_ones_are_undone_in_reverse()
    {
        await using var receiver = await Receiver.StartAsync(_ => Task.CompletedTask);
        using var client = _service.Client();
        string Undo(string path) => ""","compensate":{"job":{"type":"http.request","payload":{"method":"DELETE","url":"URL/undo-STEP-{{steps.STEP.result.status}}"}}}"""
            .Replace("URL", receiver.Url, StringComparison.Ordinal).Replace("STEP", path, StringComparison.Ordinal);
        var id = (await client.StartedAsync(
            $"""
            {Call("a", receiver.Url + "/a", more: Undo("a"))},{Call("b", receiver.Url + "/b", "\"a\"", Undo("b"))},{Noop("c", "\"b\"")},{Dead("d", "\"c\"", Undo("d"))},{Noop("never", "\"d\"")}
            """, ""","on_failure":"compensate" """)).Id;
        var done = await client.ReachesWorkflowAsync(id, "compensated");
        Assert.Equal(["POST /a", "POST /b", "DELETE /undo-b-200", "DELETE /undo-a-200"], receiver.Calls.Select(c => c[..c.IndexOf("  ", StringComparison.Ordinal)]));
        Assert.Equal("a:succeeded b:succeeded c:succeeded d:failed never:cancelled", done.States());
        Assert.Equal("d", done["failed_step"].GetString());
        Assert.Equal("succeeded", done.Step("a").GetProperty("compensation").GetProperty("state").GetString());
        Assert.Equal("not_retryable", (await client.PostAsync($"/v1/workflows/{id}:retry", 409))["code"].GetString()![9..]);
    }

    [Fact]
    public async Task A_compensation_that_dies_is_seen_and_retried()
    {
        var isBroken = true;
        await using var receiver = await Receiver.StartAsync(http =>
        {
            http.Response.StatusCode = Volatile.Read(ref isBroken) ? 500 : 200;
            return Task.CompletedTask;
        });
        using var client = _service.Client();
        string Undo(string path) => ""","compensate":{"job":{"type":"http.request","payload":{"url":"URL"},"max_attempts":2}}""".Replace("URL", $"{receiver.Url}/{path}", StringComparison.Ordinal);
        var id = (await client.StartedAsync($"""{Noop("a", more: Undo("a"))},{Noop("b", "\"a\"", Undo("b"))},{Dead("c", "\"b\"")}""", ""","on_failure":"compensate" """)).Id;
        var failed = await client.ReachesWorkflowAsync(id, "compensation_failed");
        Assert.Equal("failed", failed.Step("b").GetProperty("compensation").GetProperty("state").GetString());
        Assert.Contains("compensation of 'b'", failed["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(2, receiver.Calls.Count);
        Assert.Equal(2, (await client.IdsAsync("/v1/dead-letters")).Length);

        Volatile.Write(ref isBroken, false);
        Assert.Equal("compensating", (await client.PostAsync($"/v1/workflows/{id}:retry")).State);
        await client.ReachesWorkflowAsync(id, "compensated");
        Assert.Single(await client.IdsAsync("/v1/dead-letters"));
    }

    [Fact]
    public async Task A_stopped_workflow_goes_on_from_the_failed_step()
    {
        var isBroken = true;
        await using var receiver = await Receiver.StartAsync(http =>
        {
            http.Response.StatusCode = Volatile.Read(ref isBroken) && http.Request.Path.Value!.EndsWith('1') ? 500 : 200;
            return Task.CompletedTask;
        });
        using var client = _service.Client();
        var id = (await client.StartedAsync(
            $$"""{{Noop("first")}},{{Call("many", receiver.Url + "/{{index}}", "\"first\"", ""","for_each":"{{input}}" """)}},{{Noop("last", "\"many\"")}}""", ""","input":[1,2,3]""")).Id;
        var failed = await client.ReachesWorkflowAsync(id, "failed");
        Assert.Equal("first:succeeded many:failed last:pending", failed.States());
        Assert.StartsWith("1 of 3 jobs failed; the first, of element 1: The answer was 500", failed["error"].GetString(), StringComparison.Ordinal);
        Assert.Single(await client.IdsAsync("/v1/dead-letters"));

        Volatile.Write(ref isBroken, false);
        var resumed = await client.PostAsync($"/v1/workflows/{id}:retry");
        Assert.Equal("first:succeeded many:running last:pending", resumed.States());
        Assert.Null(resumed["error"].GetString());
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        Assert.Equal(["/0", "/1", "/1", "/2"], receiver.Calls.Select(c => c.Split(' ')[1]).Order(StringComparer.Ordinal));
        Assert.Equal(3, done.Step("many").GetProperty("result").GetArrayLength());
        Assert.Empty(await client.IdsAsync("/v1/dead-letters"));
        Assert.Equal("workflow_not_retryable", (await client.PostAsync($"/v1/workflows/{id}:retry", 409))["code"].GetString());
    }

    [Fact]
    public async Task A_dead_job_that_is_redriven_and_succeeds_takes_its_workflow_on()
    {
        var isBroken = true;
        await using var receiver = await Receiver.StartAsync(http =>
        {
            http.Response.StatusCode = Volatile.Read(ref isBroken) ? 500 : 200;
            return Task.CompletedTask;
        });
        using var client = _service.Client();
        var id = (await client.StartedAsync($"""{Call("a", receiver.Url)},{Noop("b", "\"a\"")}""")).Id;
        await client.ReachesWorkflowAsync(id, "failed");
        Volatile.Write(ref isBroken, false);
        await client.PostAsync($"/v1/dead-letters/{(await client.IdsAsync("/v1/dead-letters")).Single()}:redrive");
        Assert.Equal("a:succeeded b:succeeded", (await client.ReachesWorkflowAsync(id, "succeeded")).States());
        Assert.Equal(2, receiver.Calls.Count);
    }

    [Fact]
    public async Task What_is_missing_when_a_step_starts_fails_it_and_says_what()
    {
        await using var receiver = await Receiver.StartAsync(_ => Task.CompletedTask);
        using var client = _service.Client();
        var use = """{"name":"use","needs":["fetch"],"job":{"type":"noop","payload":{"a":["{{steps.fetch.result.body.id}}"],"b":"x{{steps.fetch.result.nothing}}"}},"continue_on_failure":true}""";
        var url = """{"name":"url","needs":["fetch"],"job":{"type":"http.request","payload":{"url":"{{steps.fetch.result.status}}"}},"continue_on_failure":true}""";
        var list = Noop("list", "\"fetch\"", ""","for_each":"{{steps.fetch.result.status}}","continue_on_failure":true""");
        var when = Noop("when", "\"fetch\"", ""","when":{"ref":"steps.fetch.result.nothing","op":"gt","value":1},"continue_on_failure":true""");
        var id = (await client.StartedAsync($"{Call("fetch", receiver.Url)},{use},{url},{list},{when}")).Id;
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        string Error(string step) => done.Step(step).GetProperty("error").GetString()!;
        Assert.Equal("fetch:succeeded use:failed url:failed list:failed when:failed", done.States());
        Assert.Equal("The payload cannot be filled in. /a/0: 'steps.fetch.result.body.id' is not there. /b: 'steps.fetch.result.nothing' is not there.", Error("use"));
        Assert.Contains("/payload/url: 'url' must be a string", Error("url"), StringComparison.Ordinal);
        Assert.Equal("'steps.fetch.result.status' is no list.", Error("list"));
        Assert.Contains("'steps.fetch.result.nothing' is not there", Error("when"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_what_runs_and_undoes_only_where_it_is_asked_to()
    {
        using var client = _service.Client();
        await client.PostAsync("/v1/queues/bulk:pause");
        var undo = ""","compensate":{"job":{"type":"noop","payload":{}}}""";
        var held = """{"name":"held","needs":["a"],"job":{"type":"noop","payload":{},"queue":"bulk"}},{"name":"many","needs":["a"],"for_each":"{{input}}","job":{"type":"noop","payload":{},"queue":"bulk"}}""";
        var plain = (await client.StartedAsync($"""{Noop("a", more: undo)},{held},{Noop("z", "\"held\"")}""", ""","input":[1,2]""")).Id;
        var undone = (await client.StartedAsync($"""{Noop("a", more: undo)},{held},{Noop("z", "\"held\"")}""", ""","input":[1,2]""")).Id;
        var running = await client.ReachesStepAsync(plain, "many", "running");
        await client.ReachesStepAsync(undone, "many", "running");

        var cancelled = await client.PostAsync($"/v1/workflows/{plain}:cancel");
        Assert.Equal("cancelled", cancelled.State);
        Assert.Equal("a:succeeded held:cancelled many:cancelled z:cancelled", cancelled.States());
        Assert.Equal("cancelled", (await client.GetDocumentAsync("/v1/jobs/" + running.Step("held").GetProperty("job_id").GetString())).State);
        Assert.Equal("workflow_not_cancellable", (await client.PostAsync($"/v1/workflows/{plain}:cancel", 409))["code"].GetString());

        using var asked = await client.SendJsonAsync(HttpMethod.Post, $"/v1/workflows/{undone}:cancel", """{"compensate":true}""");
        Assert.Equal("compensating", (await asked.DocumentAsync()).State);
        var done = await client.ReachesWorkflowAsync(undone, "compensated");
        Assert.Equal("It was cancelled.", done["error"].GetString());
        await client.PostAsync("/v1/queues/bulk:resume");
        Assert.Equal(6, (await client.IdsAsync("/v1/jobs?state=cancelled")).Length);
        Assert.Equal("null", (await client.GetDocumentAsync("/v1/workflows/" + plain)).Step("a").GetProperty("compensation").GetRawText());
    }

    [Fact]
    public async Task A_job_that_somebody_cancels_fails_its_step()
    {
        using var client = _service.Client();
        await client.PostAsync("/v1/queues/bulk:pause");
        var started = await client.StartedAsync("""{"name":"a","job":{"type":"noop","payload":{},"queue":"bulk"}},{"name":"wait","kind":"approval"}""");
        await client.PostAsync($"/v1/jobs/{started.Step("a").GetProperty("job_id").GetString()}:cancel");
        var failed = await client.ReachesWorkflowAsync(started.Id, "failed");
        Assert.Equal("a:failed wait:cancelled", failed.States());
        Assert.Equal("Its job was cancelled.", failed["error"].GetString());
        await client.PostAsync("/v1/queues/bulk:resume");
        await client.PostAsync($"/v1/workflows/{started.Id}:retry");
        await client.ReachesStepAsync(started.Id, "a", "succeeded");
        await client.PostAsync($"/v1/workflows/{started.Id}/steps/wait:approve");
        await client.ReachesWorkflowAsync(started.Id, "succeeded");
    }
}
