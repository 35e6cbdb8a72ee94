using System.Text.Json;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Many jobs at once.</summary>
public sealed class JobBatchTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task A_thousand_are_accepted_in_their_order_and_all_run()
    {
        using var client = _service.Client();
        var jobs = string.Join(",", Enumerable.Range(0, 1000).Select(n => $$$"""{"type":"noop","payload":{"n":{{{n}}}}}"""));
        var answer = await BatchAsync(client, $$"""{"jobs":[{{jobs}}]}""");
        Assert.Equal((1000, 0), (answer["succeeded"].GetInt32(), answer["failed"].GetInt32()));
        var results = answer["results"].EnumerateArray().ToArray();
        Assert.All(results, r => Assert.Equal(201, r.GetProperty("status").GetInt32()));
        Assert.Equal(Enumerable.Range(0, 1000), results.Select(r => r.GetProperty("job").GetProperty("payload").GetProperty("n").GetInt32()));
        string[] ids = [.. results.Select(r => r.GetProperty("job").GetProperty("id").GetString()!)];
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Reverse().Take(200), await client.IdsAsync("/v1/jobs?limit=200"));
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs?state=available&limit=1")).Length + (await client.IdsAsync("/v1/jobs?state=running&limit=1")).Length == 0, "all have run");
        await client.ReachesAsync(ids[0], "succeeded");
        await client.ReachesAsync(ids[^1], "succeeded");
    }

    [Fact]
    public async Task What_is_wrong_has_its_place_and_the_rest_is_accepted()
    {
        using var client = _service.Client();
        var answer = await BatchAsync(client, """
            {"jobs":[{"type":"noop","payload":{}}, 7, {"type":"http.request","payload":{"url":"x"},"priority":10}, {"type":"noop","payload":{},"queue":"bulk"}]}
            """);
        Assert.Equal([201, 400, 400, 201], answer["results"].EnumerateArray().Select(r => r.GetProperty("status").GetInt32()));
        Assert.Equal([0, 1, 2, 3], answer["results"].EnumerateArray().Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal(["/jobs/1"], Pointers(answer["results"][1].GetProperty("error")));
        Assert.Equal(["/jobs/2/payload/url", "/jobs/2/priority"], Pointers(answer["results"][2].GetProperty("error")));
        Assert.Equal((2, 2), (answer["succeeded"].GetInt32(), answer["failed"].GetInt32()));
        Assert.Equal(2, (await client.IdsAsync("/v1/jobs")).Length);
    }

    [Fact]
    public async Task An_atomic_batch_with_a_fault_accepts_nothing_and_tells_every_fault()
    {
        using var client = _service.Client();
        var refused = await BatchAsync(client, """
            {"atomic":true,"jobs":[{"type":"noop","payload":{}}, {"type":"nope","payload":{}}, {"type":"noop","payload":[],"unique_key":"k"}]}
            """, 422);
        Assert.Equal("batch_failed", refused["code"].GetString());
        Assert.Equal(["/jobs/1/type", "/jobs/2/payload"], Pointers(refused.Json));
        Assert.Empty(await client.IdsAsync("/v1/jobs"));

        var accepted = await BatchAsync(client, """{"atomic":true,"jobs":[{"type":"noop","payload":{}},{"type":"noop","payload":{},"unique_key":"k"}]}""");
        Assert.Equal(2, accepted["succeeded"].GetInt32());
    }

    [Theory]
    [InlineData("""{}""", "/jobs", "required")]
    [InlineData("""{"jobs":{}}""", "/jobs", "wrong_type")]
    [InlineData("""{"jobs":[]}""", "/jobs", "out_of_range")]
    [InlineData("""{"jobs":[{}],"atomic":1}""", "/atomic", "wrong_type")]
    [InlineData("""{"jobs":[{}],"queue":"bulk"}""", "/queue", "unknown_field")]
    public async Task A_batch_that_is_none_is_refused(string body, string pointer, string code)
    {
        using var client = _service.Client();
        var refused = await BatchAsync(client, body, 400);
        Assert.Equal((pointer, code), (Pointers(refused.Json).Single(), refused["errors"][0].GetProperty("code").GetString()));
    }

    [Fact]
    public async Task More_than_a_thousand_are_refused()
    {
        using var client = _service.Client();
        var refused = await BatchAsync(client, $$"""{"jobs":[{{string.Join(",", Enumerable.Repeat("{}", 1001))}}]}""", 400);
        Assert.Equal("out_of_range", refused["errors"][0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_unique_key_is_one_job_within_a_batch_and_beside_others()
    {
        using var client = _service.Client();
        const string Later = ""","run_at":"2999-01-01T00:00:00Z" """;
        var there = await client.SubmittedAsync("noop", "{}", Later + ""","unique_key":"there" """);
        var answer = await BatchAsync(client, $$"""
            {"jobs":[
                {"type":"noop","payload":{"n":0},"unique_key":"new"{{Later}}},
                {"type":"noop","payload":{"n":1},"unique_key":"there"{{Later}}},
                {"type":"noop","payload":{"n":2},"unique_key":"new"{{Later}}},
                {"type":"noop","payload":{"n":3}{{Later}}}]}
            """);
        var results = answer["results"].EnumerateArray().ToArray();
        Assert.Equal([201, 200, 200, 201], results.Select(r => r.GetProperty("status").GetInt32()));
        Assert.Equal(there.Id, JobId(results[1]));
        Assert.Equal(JobId(results[0]), JobId(results[2]));
        Assert.Equal(0, results[2].GetProperty("job").GetProperty("payload").GetProperty("n").GetInt32());
        Assert.Equal(3, (await client.IdsAsync("/v1/jobs")).Length);

        // Many at once, in every order: one job a key.
        var keys = Enumerable.Range(0, 20).ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(round => BatchAsync(client, $$"""
            {"jobs":[{{string.Join(",", (round % 2 == 0 ? keys : keys.Reverse()).Select(k => $$$"""{"type":"noop","payload":{},"unique_key":"m{{{k}}}"{{{Later}}}}"""))}}]}
            """)));
        Assert.Equal(20, answers.Sum(a => a["results"].EnumerateArray().Count(r => r.GetProperty("status").GetInt32() == 201)));
        Assert.Equal(20, answers.SelectMany(a => a["results"].EnumerateArray().Select(JobId)).Distinct().Count());
    }

    [Fact]
    public async Task The_same_batch_again_is_answered_as_before_and_is_no_more_jobs()
    {
        using var client = _service.Client();
        foreach (var body in (string[])["""{"jobs":[{"type":"noop","payload":{}},{"type":"noop"}]}""", """{"jobs":[{"type":"noop","payload":{},"unique_key":"again"}]}"""])
        {
            var key = "key" + body.Length;
            using var first = await client.SendJsonAsync(HttpMethod.Post, "/v1/jobs:batch", body, ("Idempotency-Key", key));
            using var second = await client.SendJsonAsync(HttpMethod.Post, "/v1/jobs:batch", body, ("Idempotency-Key", key));
            Assert.Equal((await first.DocumentAsync())["results"][0].GetRawText(), (await second.DocumentAsync())["results"][0].GetRawText());
            Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        }

        Assert.Equal(2, (await client.IdsAsync("/v1/jobs")).Length);
    }

    private static async Task<Document> BatchAsync(HttpClient client, string body, int status = 200)
    {
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/jobs:batch", body);
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == status, document.Text);
        return document;
    }

    private static string[] Pointers(JsonElement problem) => [.. problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("pointer").GetString()!).Order(StringComparer.Ordinal)];

    private static string JobId(JsonElement result) => result.GetProperty("job").GetProperty("id").GetString()!;
}
