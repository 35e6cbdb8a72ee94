using Microsoft.Extensions.DependencyInjection;
using Platform.Analytics.Retention;

namespace Platform.Analytics;

public sealed class MaintenanceTests(AnalyticsFixture analytics) : IClassFixture<AnalyticsFixture>
{
    [Fact]
    public async Task What_is_old_goes_and_what_is_not_stays()
    {
        var (tenant, kept, deleted) = (AnalyticsFixture.NewTenant(), AnalyticsFixture.NewTenant(), AnalyticsFixture.NewTenant());
        await analytics.PublishAsync(
            AnalyticsFixture.Resource("resource.created", tenant, kept, """{"a":"living words"}""", type: "it.stays", labels: """{"it's \\":"a:b"}"""),
            AnalyticsFixture.Resource("resource.created", tenant, deleted, """{"a":"forgotten words"}""", type: "it.goes", labels: """{"gone":"yes"}"""),
            AnalyticsFixture.Event("an.event", tenant, "a", "{}", clock: new FixedClock(TimeProvider.System.GetUtcNow().AddDays(-31))),
            AnalyticsFixture.Event("an.event", tenant, "a", "{}", clock: new FixedClock(TimeProvider.System.GetUtcNow().AddDays(-40))));
        await analytics.CaughtUpAsync();
        await analytics.PublishAsync(AnalyticsFixture.Resource("resource.deleted", tenant, deleted, "null", version: 2));
        await analytics.CaughtUpAsync();
        Assert.Equal(4, (await analytics.GetAsync(tenant, "/v1/search/suggest?q=i")).GetProperty("data").GetArrayLength()
            + (await analytics.GetAsync(tenant, "/v1/search/suggest?q=forg")).GetProperty("data").GetArrayLength());
        await analytics.Service.Database.ExecuteAsync("""
            UPDATE analytics.search_word SET checked_at = now() - interval '2 days';
            UPDATE analytics.search_resource SET deleted_at = now() - interval '9 days' WHERE deleted_at IS NOT NULL;
            """);

        await analytics.Service.Services.GetRequiredService<AnalyticsMaintenance>().RunOnceAsync(default);

        Assert.Equal(["it's \\:a:b", "it.stays", "living", "words"], await WordsAsync(tenant));
        Assert.Equal(1L, await CountAsync($"search_resource WHERE tenant_id = '{tenant}'"));
        Assert.Equal(3L, await CountAsync($"search_event WHERE tenant_id = '{tenant}'"));

        // The event of 40 days ago is known by its hour, no more by its minute.
        Assert.Equal(1L, await CountAsync($"usage_count WHERE tenant_id = '{tenant}' AND grain = 'm' AND value = 'an.event'"));
        Assert.Equal(2L, await CountAsync($"usage_count WHERE tenant_id = '{tenant}' AND grain = 'h' AND value = 'an.event'"));
        Assert.Equal(0L, await analytics.Service.Database.ScalarAsync<long>("""
            SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'analytics.search_event'::regclass AND NOT (relrowsecurity AND relforcerowsecurity)
            """));
    }

    private async Task<string[]> WordsAsync(Guid tenant) => await analytics.Service.Database.ScalarAsync<string[]>(
        $"SELECT coalesce(array_agg(word ORDER BY word), ARRAY[]::text[]) FROM analytics.search_word WHERE tenant_id = '{tenant}'");

    private Task<long> CountAsync(string from) => analytics.Service.Database.ScalarAsync<long>("SELECT count(*) FROM analytics." + from);
}
