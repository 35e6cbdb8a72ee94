using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.Analytics.Usage;

public sealed class UsageTests(AnalyticsFixture analytics) : IClassFixture<AnalyticsFixture>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Events_are_counted_by_type_in_the_last_day_by_hour()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync(
            AnalyticsFixture.Event("resource.created", tenant, "a", "{}"),
            AnalyticsFixture.Event("resource.created", tenant, "b", "{}"),
            AnalyticsFixture.Event("never.heard.of", tenant, "c", "[1]"),
            AnalyticsFixture.Event("webhook.delivery.failed", tenant, "d", "{}", Topics.WebhookDelivery));
        await analytics.CaughtUpAsync();

        var usage = await analytics.GetAsync(tenant, "/v1/analytics/usage");

        Assert.Equal("hour", usage.GetProperty("interval").GetString());
        Assert.Equal(4, usage.GetProperty("total").GetInt64());
        var counts = usage.GetProperty("data").EnumerateArray().GroupBy(d => d.GetProperty("group").GetString()!)
            .ToDictionary(g => g.Key, g => g.Sum(d => d.GetProperty("count").GetInt64()));
        Assert.Equal(new Dictionary<string, long> { ["resource.created"] = 2, ["never.heard.of"] = 1, ["webhook.delivery.failed"] = 1 }, counts);
    }

    [Fact]
    public async Task Job_events_are_counted_by_queue()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync(
            AnalyticsFixture.Event("job.created", tenant, "a", """{"id":"job_x","payload":{"queue":"inner"},"queue":"bulk"}"""),
            AnalyticsFixture.Event("job.succeeded", tenant, "a", """{"queue":"bulk"}"""),
            AnalyticsFixture.Event("job.created", tenant, "b", """{"queue":"default"}"""),
            AnalyticsFixture.Event("job.created", tenant, "c", """{"queue":7}"""),
            AnalyticsFixture.Event("resource.created", tenant, "d", """{"queue":"no job"}"""));
        await analytics.CaughtUpAsync();

        var usage = await analytics.GetAsync(tenant, "/v1/analytics/usage?group_by=queue&interval=day");

        Assert.Equal(3, usage.GetProperty("total").GetInt64());
        Assert.Equal(["bulk", "default"], usage.GetProperty("data").EnumerateArray().Select(d => d.GetProperty("group").GetString()).Order());
    }

    [Theory]
    [InlineData("minute", "2026-03-01T11:59:00Z", "2026-03-01T12:02:00Z", "11:59=1 12:00=2 12:01=1")]
    [InlineData("minute", "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z", "12:00=2")]
    [InlineData("hour", "2026-03-01T11:00:00Z", "2026-03-01T15:00:00Z", "11:00=1 12:00=4 14:00=1")]
    [InlineData("hour", "2026-03-01T12:01:00Z", "2026-03-01T14:00:00Z", "12:00=2")]
    [InlineData("hour", "2026-03-01T12:00:30Z", "2026-03-01T12:01:30Z", "12:00=3")]
    [InlineData("hour", "2026-03-01T14:00:00%2B02:00", "2026-03-01T12:30:00Z", "12:00=3")]
    [InlineData("day", "2026-02-28T00:00:00Z", "2026-03-03T00:00:00Z", "00:00=6 00:00=1")]
    [InlineData("day", "2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", "00:00=5")]
    public async Task Ranges_are_exact_to_the_minute(string interval, string from, string to, string expected)
    {
        var tenant = AnalyticsFixture.NewTenant();
        foreach (var offset in new[] { "-00:00:01", "00:00:00", "00:00:59.999", "00:01:00", "00:59:59", "02:00:00", "12:00:00" })
        {
            await analytics.PublishAsync(AnalyticsFixture.Event("thing.happened", tenant, "a", "{}", clock: new FixedClock(Noon + TimeSpan.Parse(offset))));
        }

        await analytics.CaughtUpAsync();

        // The service's clock may be any time after: minutes of that day must still be there.
        var request = UsageRequest.Read(new Microsoft.AspNetCore.Http.QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>
        {
            ["interval"] = interval, ["from"] = Uri.UnescapeDataString(from), ["to"] = to,
        }), Noon.AddDays(2)).Request!;
        var counts = await GetUsage.SumAsync(analytics.Database, tenant, request, CancellationToken.None);

        Assert.Equal(expected, string.Join(' ', counts.Select(c => $"{c.Start:HH:mm}={c.Count}")));
    }

    [Fact]
    public void Older_edges_are_whole_hours()
    {
        var request = UsageRequest.Read(new Microsoft.AspNetCore.Http.QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>
        {
            ["interval"] = "day", ["from"] = "2026-03-01T12:10:20Z", ["to"] = "2026-06-01T12:10:20Z",
        }), new(2026, 6, 2, 0, 0, 0, TimeSpan.Zero)).Request!;

        Assert.Equal((Noon, new DateTimeOffset(2026, 6, 1, 12, 11, 0, TimeSpan.Zero)), (request.From, request.To));
    }

    [Theory]
    [InlineData("interval=week", "interval", "invalid_value")]
    [InlineData("interval=", "interval", "invalid_value")]
    [InlineData("group_by=tenant", "group_by", "invalid_value")]
    [InlineData("from=yesterday", "from", "invalid_time")]
    [InlineData("to=2026-03-01", "to", "invalid_time")]
    [InlineData("to=2026-03-01T12:00:00", "to", "invalid_time")]
    [InlineData("from=0001-01-01T00:00:00Z", "from", "out_of_range")]
    [InlineData("to=9999-12-31T23:59:59Z", "to", "out_of_range")]
    [InlineData("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from", "invalid_range")]
    [InlineData("from=2999-03-02T00:00:00Z", "from", "invalid_range")]
    [InlineData("interval=minute&from=2026-03-01T00:00:00Z&to=2026-03-02T00:01:00Z", "from", "range_too_long")]
    [InlineData("interval=hour&from=2026-03-01T00:00:00Z&to=2026-04-02T00:00:00Z", "from", "range_too_long")]
    [InlineData("interval=day&from=2025-01-01T00:00:00Z&to=2026-04-02T00:00:00Z", "from", "range_too_long")]
    public async Task Bad_questions_are_refused_with_their_place(string query, string pointer, string code)
    {
        var problem = await analytics.GetAsync(AnalyticsFixture.NewTenant(), "/v1/analytics/usage?" + query, 400);

        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal((pointer, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task All_faults_are_told_at_once_and_the_scope_is_needed()
    {
        var problem = await analytics.GetAsync(AnalyticsFixture.NewTenant(), "/v1/analytics/usage?interval=x&group_by=y&from=z", 400);
        Assert.Equal(3, problem.GetProperty("errors").GetArrayLength());

        await analytics.GetAsync(AnalyticsFixture.NewTenant(), "/v1/analytics/usage", 403, "resources.read");
    }

    [Fact]
    public async Task Another_tenant_is_not_counted_even_by_a_query_that_forgets_to_say_whose()
    {
        var (mine, theirs) = (AnalyticsFixture.NewTenant(), AnalyticsFixture.NewTenant());
        await analytics.PublishAsync(AnalyticsFixture.Event("a.b", mine, "a", "{}"), AnalyticsFixture.Event("a.b", theirs, "a", "{}"));
        await analytics.CaughtUpAsync();

        Assert.Equal(1, (await analytics.GetAsync(mine, "/v1/analytics/usage")).GetProperty("total").GetInt64());
        Assert.Equal(2L, await RowLevelSecurity.CountAsync(analytics.Database, "usage_count", mine));
        Assert.Equal(0L, await RowLevelSecurity.CountAsync(analytics.Database, "usage_count", tenant: null));
    }
}
