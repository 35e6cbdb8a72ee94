using Platform.Contracts.Identifiers;
using Platform.Testing;

namespace Platform.Analytics.Usage;

public sealed class RequestUsageTests(AnalyticsFixture analytics) : IClassFixture<AnalyticsFixture>
{
    [Fact]
    public async Task Requests_are_counted_by_key_and_status_whatever_the_answer()
    {
        var tenant = AnalyticsFixture.NewTenant();
        for (var i = 0; i < 5; i++)
        {
            await analytics.GetAsync(tenant, "/v1/search?q=x");
        }

        await analytics.GetAsync(tenant, "/v1/search?kind=nothing", 400);
        await analytics.GetAsync(tenant, "/v1/analytics/usage", 403, "jobs.read");

        // Asking is counted as well, and later: those are the other 200s.
        await Eventually.IsTrueAsync(async () =>
            await CountAsync(tenant, "status", "400") == 1 && await CountAsync(tenant, "status", "403") == 1 && await CountAsync(tenant, "status", "200") >= 5,
            "requests are counted by status");
        Assert.True(await CountAsync(tenant, "api_key", TypeId.Format(IdPrefix.ApiKey, tenant)) >= 7);
        Assert.Equal(0, await CountAsync(AnalyticsFixture.NewTenant(), "status", "400"));
    }

    [Fact]
    public async Task What_was_counted_last_is_reported_when_the_service_stops()
    {
        var tenant = AnalyticsFixture.NewTenant();
        var database = await TestPostgres.CreateDatabaseAsync();
        await using (var service = await AnalyticsFixture.StartAsync(database))
        {
            using var client = service.Client(tenant);
            for (var i = 0; i < 20; i++)
            {
                (await client.GetAsync(new Uri("/v1/search/suggest?q=a", UriKind.Relative))).EnsureSuccessStatusCode();
            }
        }

        await using var again = await AnalyticsFixture.StartAsync(database);
        await Eventually.IsTrueAsync(async () => await database.ScalarAsync<long>($"""
            SELECT coalesce(sum(count), 0)::bigint FROM analytics.usage_count
            WHERE tenant_id = '{tenant}' AND dimension = 'status' AND grain = 'm' AND value = '200'
            """) == 20, "all twenty requests are counted");
    }

    private async Task<long> CountAsync(Guid tenant, string dimension, string group) =>
        (await analytics.GetAsync(tenant, "/v1/analytics/usage?interval=day&group_by=" + dimension)).GetProperty("data").EnumerateArray()
            .Where(d => d.GetProperty("group").GetString() == group).Sum(d => d.GetProperty("count").GetInt64());
}
