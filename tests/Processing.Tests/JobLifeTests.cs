using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>The life of a job, from its submission to its end.</summary>
public sealed class JobLifeTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task A_job_is_done_and_every_step_is_an_event()
    {
        using var client = _service.Client();
        var job = await client.SubmittedAsync("noop", """{"a":[1,2]}""", ""","queue":"bulk","priority":3""");
        Assert.Equal("available", job.State);
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal("bulk", done["queue"].GetString());
        Assert.Equal("""{"a":[1,2]}""", done["payload"].GetRawText());
        Assert.Equal(1, done["attempt"].GetInt32());
        Assert.Equal(25, done["max_attempts"].GetInt32());
        Assert.Equal(0, done["errors"].GetArrayLength());
        Assert.True(done["finished_at"].GetDateTimeOffset() >= done["created_at"].GetDateTimeOffset());
        Assert.Equal(["job.created", "job.succeeded"], await EventsAsync(job.Id, 2));
    }

    [Fact]
    public async Task A_failing_job_is_retried_dies_and_can_be_redriven()
    {
        var healthy = false;
        await using var receiver = await Receiver.StartAsync(async http =>
        {
            http.Response.StatusCode = Volatile.Read(ref healthy) ? 200 : 503;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, "hello");
        });
        using var client = _service.Client();
        var job = await client.SubmittedAsync("http.request", $$$"""{"method":"POST","url":"{{{receiver.Url}}}/x","headers":{"X-Test":"yes"},"body":{"n":1}}""", ""","max_attempts":3""");
        var dead = await client.ReachesAsync(job.Id, "dead");
        Assert.Equal(3, dead["attempt"].GetInt32());
        Assert.Equal([1, 2, 3], dead["errors"].EnumerateArray().Select(e => e.GetProperty("attempt").GetInt32()).ToArray());
        Assert.Contains("503", dead["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(["job.created", "job.retrying", "job.retrying", "job.dead"], await EventsAsync(job.Id, 4));
        Assert.Equal([job.Id], await client.IdsAsync("/v1/jobs?state=dead"));

        var letter = (await client.GetDocumentAsync("/v1/dead-letters?source=jobs"))["data"].EnumerateArray().Single();
        Assert.Equal(job.Id, letter.GetProperty("job_id").GetString());
        Assert.Contains("503", letter.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, letter.GetProperty("errors").GetArrayLength());

        Volatile.Write(ref healthy, true);
        var redrive = $"/v1/dead-letters/{letter.GetProperty("id").GetString()}:redrive";
        var again = await client.PostAsync(redrive);
        Assert.Equal(job.Id, again.Id);
        Assert.Equal("available", again.State);
        Assert.Equal(0, again["attempt"].GetInt32());
        var done = await client.ReachesAsync(job.Id, "succeeded");
        Assert.Equal(200, done["result"].GetProperty("status").GetInt32());
        Assert.Equal("hello", done["result"].GetProperty("body").GetString());
        Assert.Equal(3, done["errors"].GetArrayLength());
        Assert.Empty(await client.IdsAsync("/v1/dead-letters"));
        await client.PostAsync(redrive, 404);
        Assert.Equal("POST /x yes application/json {\"n\":1}", receiver.Calls.First());
    }

    [Fact]
    public async Task A_receiver_that_says_when_to_come_back_is_not_asked_before()
    {
        await using var receiver = await Receiver.StartAsync(http =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "1800";
            return Task.CompletedTask;
        });
        using var client = _service.Client();
        var job = await client.SubmittedAsync("http.request", $$"""{"method":"GET","url":"{{receiver.Url}}/"}""");
        var waits = await client.ReachesAsync(job.Id, "retrying");
        Assert.InRange(waits["run_at"].GetDateTimeOffset() - waits["created_at"].GetDateTimeOffset(), TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(31));
        Assert.Single(receiver.Calls);
    }

    [Fact]
    public async Task A_running_job_can_be_cancelled()
    {
        var gone = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async http =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => gone.SetResult(), TaskScheduler.Default);
        });
        using var client = _service.Client();
        var job = await client.SubmittedAsync("http.request", $$"""{"url":"{{receiver.Url}}"}""");
        await Eventually.IsTrueAsync(() => !receiver.Calls.IsEmpty, "it is called");
        Assert.Equal("running", (await client.GetDocumentAsync("/v1/jobs/" + job.Id)).State);
        Assert.Equal([job.Id], await client.IdsAsync("/v1/jobs?state=running"));
        Assert.Equal("cancelled", (await client.PostAsync($"/v1/jobs/{job.Id}:cancel")).State);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(5));
        var cancelled = await client.PostAsync($"/v1/jobs/{job.Id}:cancel");
        Assert.Equal(("cancelled", 1), (cancelled.State, cancelled["attempt"].GetInt32()));
        Assert.Equal(["job.created", "job.cancelled"], await EventsAsync(job.Id, 2));
    }

    [Fact]
    public async Task A_scheduled_job_waits_and_can_be_cancelled_or_started_now()
    {
        using var client = _service.Client();
        const string tomorrow = ""","run_at":"2999-01-01T00:00:00+01:00" """;
        var one = await client.SubmittedAsync("noop", "{}", tomorrow);
        var two = await client.SubmittedAsync("noop", "{}", tomorrow);
        Assert.Equal("scheduled", one.State);
        Assert.Equal("2998-12-31T23:00:00.000000Z", (await client.GetDocumentAsync("/v1/jobs/" + one.Id))["run_at"].GetString());
        Assert.Equal(new[] { one.Id, two.Id }.OrderDescending(StringComparer.Ordinal), await client.IdsAsync("/v1/jobs?state=scheduled"));
        Assert.Equal("cancelled", (await client.PostAsync($"/v1/jobs/{one.Id}:cancel")).State);
        Assert.Equal("available", (await client.PostAsync($"/v1/jobs/{two.Id}:retry")).State);
        await client.ReachesAsync(two.Id, "succeeded");
        var problem = await client.PostAsync($"/v1/jobs/{two.Id}:cancel", 409);
        Assert.Equal("job_finished", problem["code"].GetString());
        Assert.Equal("job_not_retryable", (await client.PostAsync($"/v1/jobs/{two.Id}:retry", 409))["code"].GetString());

        // A cancelled one starts over.
        Assert.Equal("available", (await client.PostAsync($"/v1/jobs/{one.Id}:retry")).State);
        await client.ReachesAsync(one.Id, "succeeded");
    }

    [Fact]
    public async Task A_job_that_takes_too_long_fails_by_its_timeout_and_a_redirect_is_a_failure()
    {
        await using var receiver = await Receiver.StartAsync(async http =>
        {
            if (http.Request.Path == "/slow")
            {
                // Headers at once, the body never: the timeout is the whole attempt's.
                await http.Response.Body.FlushAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            else
            {
                http.Response.Redirect("/slow");
            }
        });
        using var client = _service.Client();
        var slow = await client.SubmittedAsync("http.request", $$"""{"url":"{{receiver.Url}}/slow"}""", ""","max_attempts":1,"timeout":1""");
        var redirected = await client.SubmittedAsync("http.request", $$"""{"url":"{{receiver.Url}}/"}""", ""","max_attempts":1""");
        Assert.Contains("timeout of 1 s", (await client.ReachesAsync(slow.Id, "dead"))["error"].GetString(), StringComparison.Ordinal);
        Assert.Contains("302", (await client.ReachesAsync(redirected.Id, "dead"))["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, receiver.Calls.Count(c => c.Contains("/slow", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Of_an_endless_answer_only_the_head_is_kept()
    {
        await using var receiver = await Receiver.StartAsync(async http =>
        {
            http.Response.ContentType = "application/octet-stream";
            var chunk = new byte[16384];
            Array.Fill(chunk, (byte)0xFF);
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(chunk, http.RequestAborted);
            }
        });
        using var client = _service.Client();
        var job = await client.SubmittedAsync("http.request", $$"""{"method":"GET","url":"{{receiver.Url}}"}""", ""","max_attempts":1,"timeout":10""");
        var result = (await client.ReachesAsync(job.Id, "succeeded"))["result"];
        Assert.True(result.GetProperty("truncated").GetBoolean());
        Assert.Equal(64 * 1024, result.GetProperty("body_base64").GetBytesFromBase64().Length);
    }

    [Fact]
    public async Task A_unique_key_admits_one_live_job()
    {
        using var client = _service.Client();
        const string body = """{"type":"noop","payload":{},"unique_key":"k","run_at":"2999-01-01T00:00:00Z"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var response = await client.SubmitAsync(body);
            return ((int)response.StatusCode, (await response.DocumentAsync()).Id);
        }));
        Assert.Single(answers, a => a.Item1 == 201);
        Assert.Equal(7, answers.Count(a => a.Item1 == 200));
        var id = Assert.Single(answers.Select(a => a.Id).Distinct());

        // Once it has ended the key is free.
        await client.PostAsync($"/v1/jobs/{id}:retry");
        await client.ReachesAsync(id, "succeeded");
        using var next = await client.SubmitAsync(body);
        Assert.Equal(201, (int)next.StatusCode);
    }

    [Fact]
    public async Task The_same_request_twice_is_one_job()
    {
        using var client = _service.Client();
        const string body = """{"type":"noop","payload":{}}""";
        using var first = await client.SubmitAsync(body, "once");
        using var second = await client.SubmitAsync(body, "once");
        Assert.Equal((201, 200), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.Equal((await first.DocumentAsync()).Id, (await second.DocumentAsync()).Id);
        Assert.Single(await client.IdsAsync("/v1/jobs"));
    }

    [Fact]
    public async Task Queues_say_what_is_in_them_and_can_be_paused()
    {
        using var client = _service.Client();
        Assert.True((await client.PostAsync("/v1/queues/bulk:pause"))["paused"].GetBoolean());
        var paused = await client.SubmittedAsync("noop", "{}", ""","queue":"bulk" """);
        var done = await client.SubmittedAsync("noop", "{}", ""","queue":"critical" """);
        await client.SubmittedAsync("noop", "{}", ""","run_at":"2999-01-01T00:00:00Z" """);
        await client.ReachesAsync(done.Id, "succeeded");
        var queues = (await client.GetDocumentAsync("/v1/queues"))["data"].EnumerateArray().ToDictionary(q => q.GetProperty("name").GetString()!);
        Assert.Equal(["critical", "default", "notifications", "bulk"], queues.Keys);
        Assert.Equal((1, true), (queues["bulk"].GetProperty("depth").GetInt32(), queues["bulk"].GetProperty("paused").GetBoolean()));
        Assert.True(queues["bulk"].GetProperty("lag").GetDouble() > 0);
        Assert.Equal((0, 1), (queues["default"].GetProperty("depth").GetInt32(), queues["default"].GetProperty("scheduled").GetInt32()));
        Assert.True(queues["critical"].GetProperty("rate").GetDouble() > 0);
        Assert.Equal("available", (await client.GetDocumentAsync("/v1/jobs/" + paused.Id)).State);
        Assert.False((await client.PostAsync("/v1/queues/bulk:resume"))["paused"].GetBoolean());
        await client.ReachesAsync(paused.Id, "succeeded");
        await client.PostAsync("/v1/queues/nothing:pause", 404);
    }

    [Fact]
    public async Task A_list_pages_through_everything_once()
    {
        using var client = _service.Client();
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            made.Add((await client.SubmittedAsync("noop", "{}", i % 2 == 0 ? ""","queue":"bulk" """ : "")).Id);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetDocumentAsync("/v1/jobs?type=noop&limit=3&fields=id" + (cursor is null ? "" : "&cursor=" + cursor));
            seen.AddRange(page["data"].EnumerateArray().Select(j => j.GetProperty("id").GetString()!));
            cursor = page["has_more"].GetBoolean() ? page["next_cursor"].GetString() : null;
        }
        while (cursor is not null);

        // Ids of one millisecond have no order of their own, but the list's order is always that of the ids.
        Assert.Equal(made.OrderDescending(StringComparer.Ordinal), seen);
        Assert.Equal(4, (await client.IdsAsync("/v1/jobs?queue=bulk")).Length);
    }

    private async Task<string[]> EventsAsync(string id, int count)
    {
        string[] found = [];
        await Eventually.IsTrueAsync(async () =>
        {
            found = await _service.Database.ScalarAsync<string[]>(
                $"SELECT coalesce(array_agg(headers::json->>'ce_type' ORDER BY stream_offset), '{{}}') FROM stream.events_core WHERE key = '{id}'");
            return found.Length >= count;
        }, $"{count} events");
        return found;
    }
}
