using Platform.Testing;
using static Platform.Processing.Tests.Workflows.WorkflowCalls;

namespace Platform.Processing.Tests.Workflows;

/// <summary>What is refused before anything starts, with which code and pointer; and what is another organization's.</summary>
public sealed class BadWorkflowTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private const string A = """{"name":"a","job":{"type":"noop","payload":{}}}""";
    private readonly TestService _service = fixture.Service;

    [Theory]
    [InlineData("", "/steps", "required")]
    [InlineData("7", "/steps/0", "wrong_type")]
    [InlineData("""{"job":{"type":"noop","payload":{}}}""", "/steps/0/name", "required")]
    [InlineData("""{"name":"a b","job":{"type":"noop","payload":{}}}""", "/steps/0/name", "invalid_format")]
    [InlineData(A + "," + A, "/steps/1/name", "duplicate_step")]
    [InlineData("""{"name":"a"}""", "/steps/0/job", "required")]
    [InlineData("""{"name":"a","kind":"dance"}""", "/steps/0/kind", "invalid_value")]
    [InlineData("""{"name":"a","kind":"approval","job":{"type":"noop","payload":{}}}""", "/steps/0/job", "not_of_this_kind")]
    [InlineData("""{"name":"a","kind":"timer"}""", "/steps/0/timer", "required")]
    [InlineData("""{"name":"a","kind":"timer","timer":{}}""", "/steps/0/timer", "invalid_value")]
    [InlineData("""{"name":"a","kind":"timer","timer":{"seconds":-1}}""", "/steps/0/timer/seconds", "out_of_range")]
    [InlineData("""{"name":"a","kind":"approval","approval":{"on_expiry":"shrug"}}""", "/steps/0/approval/on_expiry", "invalid_value")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"extra":1}""", "/steps/0/extra", "unknown_field")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{},"run_at":"2030-01-01T00:00:00Z"}}""", "/steps/0/job/run_at", "unknown_field")]
    [InlineData("""{"name":"a","job":{"type":"nope","payload":{}}}""", "/steps/0/job/type", "unknown_job_type")]
    [InlineData("""{"name":"a","job":{"payload":{}}}""", "/steps/0/job/type", "required")]
    [InlineData("""{"name":"a","job":{"type":"noop"}}""", "/steps/0/job/payload", "required")]
    [InlineData(A + """,{"name":"b","job":{"type":"http.request","payload":{"url":"nowhere"}}}""", "/steps/1/job/payload/url", "invalid_format")]
    [InlineData(A + """,{"name":"b","job":{"type":"http.request","payload":{"url":"{{input.place}}"}}}""", "/steps/1/job/payload/url", "invalid_format")]
    [InlineData("""{"name":"a","job":{"type":"http.request","payload":{"url":"{{item}}","uri":1}},"for_each":"{{input.list}}"}""", "/steps/0/job/payload/uri", "unknown_field")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"compensate":{"job":{"type":"http.request","payload":{}}}}""", "/steps/0/compensate/job/payload/url", "required")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"compensate":{}}""", "/steps/0/compensate/job", "required")]
    [InlineData("""{"name":"a","needs":["x"],"job":{"type":"noop","payload":{}}}""", "/steps/0/needs/0", "unknown_step")]
    [InlineData("""{"name":"a","needs":["a"],"job":{"type":"noop","payload":{}}}""", "/steps", "cycle")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{"x/y":["{{input.none}}"]}}}""", "/steps/0/job/payload/x~1y/0", "invalid_reference")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{"x":"{{inputs.a}}"}}}""", "/steps/0/job/payload/x", "invalid_reference")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{"x":"{{input.place"}}}""", "/steps/0/job/payload/x", "invalid_reference")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{"x":"{{item}}"}}}""", "/steps/0/job/payload/x", "invalid_reference")]
    [InlineData(A + """,{"name":"b","job":{"type":"noop","payload":{"x":"{{steps.a.result}}"}}}""", "/steps/1/job/payload/x", "invalid_reference")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"for_each":"input.list"}""", "/steps/0/for_each", "invalid_reference")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"for_each":"{{input.place}}"}""", "/steps/0/for_each", "wrong_type")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"when":{"ref":"steps.b.result","op":"exists"}}""", "/steps/0/when/ref", "invalid_reference")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"when":{"and":[{"ref":"input.n","op":"near","value":1}]}}""", "/steps/0/when/and/0/op", "invalid_value")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"when":{"ref":"input.n","op":"gt"}}""", "/steps/0/when/value", "required")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"when":{"ref":"input.n","op":"gt","value":true}}""", "/steps/0/when/value", "wrong_type")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"when":{"or":[]}}""", "/steps/0/when/or", "invalid_condition")]
    [InlineData("""{"name":"a","job":{"type":"noop","payload":{}},"when":"always"}""", "/steps/0/when", "wrong_type")]
    public async Task A_workflow_is_refused(string steps, string pointer, string code)
    {
        using var client = _service.Client();
        using var response = await client.StartAsync($$"""{"steps":[{{steps}}],"input":{"place":"nowhere","list":[1],"n":2} }""");
        var problem = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 400, problem.Text);
        Assert.True(problem["errors"].EnumerateArray().Any(e => e.GetProperty("pointer").GetString() == pointer && e.GetProperty("code").GetString() == code), problem.Text);
        Assert.Empty(await client.IdsAsync("/v1/workflows"));
        Assert.Empty(await client.IdsAsync("/v1/jobs"));
    }

    [Fact]
    public async Task A_cycle_is_named_and_all_faults_come_at_once()
    {
        using var client = _service.Client();
        using var cyclic = await client.StartAsync($$"""{"steps":[{{Noop("a", "\"c\"")}},{{Noop("b", "\"a\"")}},{{Noop("c", "\"b\"")}},{{Noop("d", "\"c\"")}}] }""");
        Assert.Contains("a needs c needs b needs a", (await cyclic.DocumentAsync()).Text, StringComparison.Ordinal);
        using var bad = await client.StartAsync("""{"steps":[{"name":"a","job":{"type":"nope","payload":{}}},{"name":"a","needs":["z"],"kind":"timer"}],"on_failure":"cry","surprise":1}""");
        Assert.Equal(
            ["/on_failure", "/steps/0/job/type", "/steps/1/name", "/steps/1/needs/0", "/steps/1/timer", "/surprise"],
            (await bad.DocumentAsync())["errors"].EnumerateArray().Select(e => e.GetProperty("pointer").GetString()).Order(StringComparer.Ordinal));
        using var many = await client.StartAsync($$"""{"steps":[{{string.Join(',', Enumerable.Range(0, 201).Select(i => Noop("s" + i)))}}] }""");
        Assert.Contains("too_many", (await many.DocumentAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_organization_finds_nothing()
    {
        using var owner = _service.Client();
        using var other = _service.Client();
        var id = (await owner.StartedAsync("""{"name":"a","kind":"approval"}""", ""","unique_key":"shared" """)).Id;
        using var get = await other.GetAsync("/v1/workflows/" + id);
        Assert.Equal(404, (int)get.StatusCode);
        foreach (var path in (string[])[":cancel", ":retry", "/steps/a:approve", "/steps/a:reject"])
        {
            await other.PostAsync($"/v1/workflows/{id}{path}", 404);
        }

        Assert.Empty(await other.IdsAsync("/v1/workflows"));
        Assert.NotEqual(id, (await other.StartedAsync("""{"name":"a","kind":"approval"}""", ""","unique_key":"shared" """)).Id);
        Assert.Equal("waiting", (await owner.GetDocumentAsync("/v1/workflows/" + id)).StepState("a"));
    }

    [Fact]
    public async Task A_list_goes_on_where_its_page_ended()
    {
        using var client = _service.Client();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await client.StartedAsync("""{"name":"a","kind":"approval"}""")).Id);
        }

        var seen = new List<string>();
        for (var path = "/v1/workflows?limit=2&state=running"; ;)
        {
            var page = await client.GetDocumentAsync(path);
            seen.AddRange(page["data"].EnumerateArray().Select(w => w.GetProperty("id").GetString()!));
            if (page["next_cursor"].GetString() is not { } cursor)
            {
                break;
            }

            path = $"/v1/workflows?limit=2&state=running&cursor={cursor}";
        }

        Assert.Equal(ids, seen);
        foreach (var (path, pointer) in ((string, string)[])[("/v1/workflows?state=asleep", "state"), ("/v1/workflows?cursor=x", "cursor"), ("/v1/workflows?limit=0", "limit")])
        {
            using var refused = await client.GetAsync(path);
            Assert.Equal(pointer, (await refused.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
        }
    }
}
