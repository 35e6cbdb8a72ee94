using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Queues by configuration, limits, and what is measured of them.</summary>
public sealed class QueueTests(ProcessingFixture fixture) : IClassFixture<ProcessingFixture>
{
    [Fact]
    public async Task A_queue_of_ones_own_is_served_listed_paused_and_measured()
    {
        await using var service = await ProcessingFixture.StartAsync(
            null, ("Processing:Queues:video-encode:Weight", "9"), ("Processing:Queues:video-encode:TenantConcurrency", "7"), ("Processing:Queues:bulk:Weight", "2"),
            ("Work:processing:StatusInterval", "00:00:00.100"));
        using var client = service.Client();
        var job = await client.SubmittedAsync("noop", "{}", ""","queue":"video-encode" """);
        Assert.Equal("video-encode", (await client.ReachesAsync(job.Id, "succeeded"))["queue"].GetString());
        Assert.Equal([job.Id], await client.IdsAsync("/v1/jobs?queue=video-encode"));
        var queues = (await client.GetDocumentAsync("/v1/queues"))["data"].EnumerateArray().ToArray();
        Assert.Equal(["video-encode", "critical", "default", "notifications", "bulk"], queues.Select(q => q.GetProperty("name").GetString()));
        Assert.Equal(7, queues[0].GetProperty("limits").GetProperty("concurrency").GetInt32());

        Assert.True((await client.PostAsync("/v1/queues/video-encode:pause"))["paused"].GetBoolean());
        await client.SubmittedAsync("noop", "{}", ""","queue":"video-encode" """);
        await client.SubmittedAsync("noop", "{}", ""","queue":"video-encode" """);
        using var metrics = service.Client();
        var line = await Eventually.GetAsync(async () =>
        {
            var text = await metrics.GetStringAsync("/metrics");
            return text.Split('\n').FirstOrDefault(l => l.StartsWith("platform_work_depth", StringComparison.Ordinal)
                && l.Contains("video-encode", StringComparison.Ordinal) && l.EndsWith(" 2", StringComparison.Ordinal));
        }, "the depth is measured");
        Assert.Contains("service=\"processing\"", line, StringComparison.Ordinal);
        Assert.Contains("platform_work_oldest_age", await metrics.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_nobody_serves_is_refused_by_name()
    {
        using var client = fixture.Service.Client();
        using var response = await client.SubmitAsync("""{"type":"noop","payload":{},"queue":"video-encode"}""");
        var problem = await response.DocumentAsync();
        Assert.Equal(400, (int)response.StatusCode);
        var error = problem["errors"][0];
        Assert.Equal(("/queue", "invalid_value"), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains("'video-encode'", error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("critical, default, notifications, bulk", error.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Processing:Queues:Video:Weight", "1", "name")]
    [InlineData("Processing:Queues:video:Weight", "0", "Weight")]
    [InlineData("Processing:Queues:video:RateLimit", "0", "limit")]
    [InlineData("Processing:Queues:video:Reserved", "99", "Concurrency")]
    public async Task A_configuration_that_cannot_be_meant_stops_the_start(string key, string value, string says)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ProcessingFixture.StartAsync(fixture.Service.Database, (key, value)));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_organization_limits_itself_and_takes_the_limit_away()
    {
        using var client = fixture.Service.Client();
        using var other = fixture.Service.Client();
        var limited = await PatchAsync(client, "bulk", """{"concurrency":2,"rate_limit":{"limit":3,"period":3600}}""");
        Assert.Equal((2, 3, 3600), (limited["concurrency"].GetInt32(), Rate(limited, "limit"), Rate(limited, "period")));
        Assert.Equal(JsonValueKind.Null, limited["limits"].GetProperty("concurrency").ValueKind);

        // Three may start now, one in twenty minutes; others are not concerned.
        var jobs = new List<Document>();
        for (var i = 0; i < 5; i++)
        {
            jobs.Add(await client.SubmittedAsync("noop", "{}", ""","queue":"bulk" """));
        }

        var free = await other.SubmittedAsync("noop", "{}", ""","queue":"bulk" """);
        await other.ReachesAsync(free.Id, "succeeded");
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/jobs?state=succeeded")).Length == 3, "three");
        Assert.Equal(2, (await client.IdsAsync("/v1/jobs?state=available")).Length);
        Assert.Equal(JsonValueKind.Null, (await QueueAsync(other, "bulk")).GetProperty("concurrency").ValueKind);

        // What is left out stays; null takes away, and then the rest goes.
        var half = await PatchAsync(client, "bulk", """{"rate_limit":null}""");
        Assert.Equal((2, JsonValueKind.Null), (half["concurrency"].GetInt32(), half["rate_limit"].ValueKind));
        foreach (var job in jobs)
        {
            await client.ReachesAsync(job.Id, "succeeded");
        }

        await PatchAsync(client, "bulk", """{"concurrency":null}""");
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.work_limit"));
    }

    [Theory]
    [InlineData("""{"concurrency":0}""", "/concurrency", "out_of_range")]
    [InlineData("""{"concurrency":"many"}""", "/concurrency", "wrong_type")]
    [InlineData("""{"rate_limit":5}""", "/rate_limit", "wrong_type")]
    [InlineData("""{"rate_limit":{"limit":5}}""", "/rate_limit/period", "required")]
    [InlineData("""{"rate_limit":{"limit":0,"period":1}}""", "/rate_limit/limit", "out_of_range")]
    [InlineData("""{"rate_limit":{"limit":1,"period":86401}}""", "/rate_limit/period", "out_of_range")]
    [InlineData("""{"rate_limit":{"limit":1,"period":1,"burst":2}}""", "/rate_limit/burst", "unknown_field")]
    [InlineData("""{"paused":true}""", "/paused", "unknown_field")]
    public async Task A_limit_is_refused(string body, string pointer, string code)
    {
        using var client = fixture.Service.Client();
        using var response = await client.SendJsonAsync(HttpMethod.Patch, "/v1/queues/default", body);
        var problem = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 400, problem.Text);
        Assert.True(problem["errors"].EnumerateArray().Any(e => e.GetProperty("pointer").GetString() == pointer && e.GetProperty("code").GetString() == code), problem.Text);
    }

    [Fact]
    public async Task Limits_of_a_queue_that_is_not_there_are_404()
    {
        using var client = fixture.Service.Client();
        using var response = await client.SendJsonAsync(HttpMethod.Patch, "/v1/queues/nothing", """{"concurrency":1}""");
        Assert.Equal(404, (int)response.StatusCode);
    }

    private static int Rate(Document queue, string name) => queue["rate_limit"].GetProperty(name).GetInt32();

    private static async Task<JsonElement> QueueAsync(HttpClient client, string name) =>
        (await client.GetDocumentAsync("/v1/queues"))["data"].EnumerateArray().Single(q => q.GetProperty("name").GetString() == name);

    private static async Task<Document> PatchAsync(HttpClient client, string queue, string body)
    {
        using var response = await client.SendJsonAsync(HttpMethod.Patch, "/v1/queues/" + queue, body);
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 200, document.Text);
        return document;
    }
}
