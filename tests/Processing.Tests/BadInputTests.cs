using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>What is refused, with which status, code and pointer.</summary>
public sealed class BadInputTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Theory]
    [InlineData("""{"payload":{}}""", "/type", "required")]
    [InlineData("""{"type":"noop"}""", "/payload", "required")]
    [InlineData("""{"type":"nope","payload":{}}""", "/type", "unknown_job_type")]
    [InlineData("""{"type":7,"payload":{}}""", "/type", "wrong_type")]
    [InlineData("""{"type":"noop","payload":[]}""", "/payload", "wrong_type")]
    [InlineData("""{"type":"noop","payload":null}""", "/payload", "wrong_type")]
    [InlineData("""{"type":"noop","payload":{},"extra":1}""", "/extra", "unknown_field")]
    [InlineData("""{"type":"noop","payload":{},"queue":"urgent"}""", "/queue", "invalid_value")]
    [InlineData("""{"type":"noop","payload":{},"priority":10}""", "/priority", "out_of_range")]
    [InlineData("""{"type":"noop","payload":{},"max_attempts":0}""", "/max_attempts", "out_of_range")]
    [InlineData("""{"type":"noop","payload":{},"timeout":3601}""", "/timeout", "out_of_range")]
    [InlineData("""{"type":"noop","payload":{},"run_at":"tomorrow"}""", "/run_at", "wrong_type")]
    [InlineData("""{"type":"noop","payload":{},"unique_key":""}""", "/unique_key", "invalid_length")]
    [InlineData("""{"type":"noop","payload":{"a":"\u0000"}}""", "/payload/a", "invalid_text")]
    [InlineData("""{"type":"http.request","payload":{}}""", "/payload/url", "required")]
    [InlineData("""{"type":"http.request","payload":{"url":"ftp://x/"}}""", "/payload/url", "invalid_format")]
    [InlineData("""{"type":"http.request","payload":{"url":"/relative"}}""", "/payload/url", "invalid_format")]
    [InlineData("""{"type":"http.request","payload":{"url":"http://user:word@x/"}}""", "/payload/url", "invalid_format")]
    [InlineData("""{"type":"http.request","payload":{"url":"http://x/","method":"CONNECT"}}""", "/payload/method", "invalid_value")]
    [InlineData("""{"type":"http.request","payload":{"url":"http://x/","headers":{"Host":"y"}}}""", "/payload/headers", "invalid_value")]
    [InlineData("""{"type":"http.request","payload":{"url":"http://x/","headers":{"A":"b\r\nC: d"}}}""", "/payload/headers", "invalid_value")]
    [InlineData("""{"type":"http.request","payload":{"url":"http://x/","uri":"y"}}""", "/payload/uri", "unknown_field")]
    public async Task A_job_is_refused(string body, string pointer, string code) => await RefusedAsync("/v1/jobs", body, pointer, code);

    [Theory]
    [InlineData("""{"job":{"type":"noop","payload":{}}}""", "/event_type", "required")]
    [InlineData("""{"event_type":"Resource.*","job":{"type":"noop","payload":{}}}""", "/event_type", "invalid_format")]
    [InlineData("""{"event_type":"weather.*","job":{"type":"noop","payload":{}}}""", "/event_type", "invalid_value")]
    [InlineData("""{"event_type":"*","job":{"type":"noop","payload":{"a":["{{event.subject"]}}}""", "/job/payload/a/0", "invalid_template")]
    [InlineData("""{"event_type":"*","job":{"type":"noop","payload":{"a/b":"{{job.id}}"}}}""", "/job/payload/a~1b", "invalid_template")]
    [InlineData("""{"event_type":"*","job":{"type":"noop","payload":{"a":"{{event.id.x}}"}}}""", "/job/payload/a", "invalid_template")]
    [InlineData("""{"event_type":"*","job":{"type":"noop","payload":{"a":"{{event.data..x}} {{event.data}}"}}}""", "/job/payload/a", "invalid_template")]
    [InlineData("""{"event_type":"*","job":{"type":"http.request","payload":{"url":"{{event.data.url}}","uri":"y"}}}""", "/job/payload/uri", "unknown_field")]
    [InlineData("""{"event_type":"*","job":{"type":"noop","payload":{},"timeout":0}}""", "/job/timeout", "out_of_range")]
    [InlineData("""{"event_type":"weather.changed","job":{"type":"noop","payload":{}}}""", "/event_type", "invalid_value")]
    [InlineData("""{"event_type":"resource.created"}""", "/job", "required")]
    [InlineData("""{"event_type":"resource.created","job":[]}""", "/job", "wrong_type")]
    [InlineData("""{"event_type":"resource.created","job":{"type":"nope","payload":{}}}""", "/job/type", "unknown_job_type")]
    [InlineData("""{"event_type":"resource.created","job":{"type":"http.request","payload":{"url":"x"}}}""", "/job/payload/url", "invalid_format")]
    [InlineData("""{"event_type":"resource.created","labels":{"a":1},"job":{"type":"noop","payload":{}}}""", "/labels/a", "wrong_type")]
    public async Task A_trigger_is_refused(string body, string pointer, string code) => await RefusedAsync("/v1/triggers", body, pointer, code);

    [Theory]
    [InlineData("/v1/jobs?state=asleep", "state")]
    [InlineData("/v1/jobs?queue=urgent", "queue")]
    [InlineData("/v1/jobs?limit=0", "limit")]
    [InlineData("/v1/jobs?cursor=x", "cursor")]
    [InlineData("/v1/jobs?fields=secret", "fields")]
    [InlineData("/v1/dead-letters?source=mars", "source")]
    [InlineData("/v1/dead-letters?cursor=!", "cursor")]
    [InlineData("/v1/triggers?limit=999", "limit")]
    public async Task A_query_is_refused(string path, string pointer)
    {
        using var client = _service.Client();
        using var response = await client.GetAsync(path);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(pointer, (await response.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/jobs/nonsense")]
    [InlineData("GET", "/v1/jobs/res_01hzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("GET", "/v1/jobs/job_01hzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("POST", "/v1/jobs/job_01hzzzzzzzzzzzzzzzzzzzzzzz:cancel")]
    [InlineData("POST", "/v1/jobs/job_01hzzzzzzzzzzzzzzzzzzzzzzz:retry")]
    [InlineData("POST", "/v1/jobs/job_01hzzzzzzzzzzzzzzzzzzzzzzz:explode")]
    [InlineData("POST", "/v1/dead-letters/dlq_01hzzzzzzzzzzzzzzzzzzzzzzz:redrive")]
    [InlineData("DELETE", "/v1/triggers/trg_01hzzzzzzzzzzzzzzzzzzzzzzz")]
    public async Task What_is_not_there_is_404(string method, string path)
    {
        using var client = _service.Client();
        using var response = await client.SendJsonAsync(new HttpMethod(method), path, null);
        Assert.Contains((int)response.StatusCode, new[] { 404, 405 });
    }

    [Fact]
    public async Task A_payload_may_have_256_KiB()
    {
        using var client = _service.Client();
        await client.SubmittedAsync("noop", $$"""{"a":"{{new string('x', (256 * 1024) - 8)}}"}""");
        await RefusedAsync("/v1/jobs", $$$"""{"type":"noop","payload":{"a":"{{{new string('x', (256 * 1024) - 7)}}}"}}""", "/payload", "too_large");
    }

    private async Task RefusedAsync(string path, string body, string pointer, string code)
    {
        using var client = _service.Client();
        using var response = await client.SendJsonAsync(HttpMethod.Post, path, body);
        var problem = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 400, problem.Text);
        Assert.True(problem["errors"].EnumerateArray().Any(e => e.GetProperty("pointer").GetString() == pointer && e.GetProperty("code").GetString() == code), problem.Text);
    }
}
