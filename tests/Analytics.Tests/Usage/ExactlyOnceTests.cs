using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.Analytics.Usage;

/// <summary>However often an event comes and wherever its transaction ends, it is counted once.</summary>
public sealed class ExactlyOnceTests
{
    [Fact]
    public async Task Events_that_come_twice_count_once()
    {
        await using var analytics = new StartedFixture();
        await analytics.InitializeAsync();
        var tenant = AnalyticsFixture.NewTenant();
        var messages = Enumerable.Range(0, 50).Select(i => AnalyticsFixture.Event("a.b", tenant, $"s{i % 7}", "{}")).ToArray();

        await analytics.PublishAsync([.. messages, .. messages]);
        await analytics.CaughtUpAsync();
        await analytics.PublishAsync(messages);
        await analytics.CaughtUpAsync();

        Assert.Equal(50, await TotalAsync(analytics, tenant));
        Assert.Equal(50, await analytics.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM analytics.search_event WHERE tenant_id = '{tenant}'"));
    }

    [Theory]
    [InlineData("usage_count")]
    [InlineData("search_event")]
    public async Task A_connection_that_dies_between_effects_and_commit_loses_and_doubles_nothing(string table)
    {
        await using var analytics = new StartedFixture();
        await analytics.InitializeAsync();

        // Fires in COMMIT, after all effects; the sequence is not rolled back, so only the first three commits die.
        await analytics.Service.Database.ExecuteAsync($"""
            CREATE SEQUENCE public.fuse;
            GRANT ALL ON SEQUENCE public.fuse TO public;
            CREATE FUNCTION public.blow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                IF nextval('public.fuse') <= 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER blow AFTER INSERT OR UPDATE ON analytics.{table} DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.blow();
            """);
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync([.. Enumerable.Range(0, 100).Select(i => AnalyticsFixture.Event("a.b", tenant, $"s{i}", "{}"))]);
        await analytics.CaughtUpAsync();

        Assert.True(await analytics.Service.Database.ScalarAsync<long>("SELECT last_value FROM public.fuse") > 3);
        Assert.Equal(100, await TotalAsync(analytics, tenant));
        Assert.Equal(100, await analytics.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM analytics.search_event WHERE tenant_id = '{tenant}'"));
    }

    [Fact]
    public async Task Two_instances_share_the_work_and_count_each_event_once()
    {
        await using var analytics = new StartedFixture();
        await analytics.InitializeAsync();
        await using var second = await AnalyticsFixture.StartAsync(analytics.Service.Database, "two");
        var tenant = AnalyticsFixture.NewTenant();
        await Eventually.IsTrueAsync(async () => await analytics.Service.Database.ScalarAsync<long>(
            "SELECT count(DISTINCT owner) FROM analytics.consumer_offset WHERE topic = 'events.core'") == 2, "both own partitions");

        for (var i = 0; i < 10; i++)
        {
            var messages = Enumerable.Range(0, 200).Select(n => AnalyticsFixture.Event($"type.{n % 5}", tenant, $"s{n}", "{}")).ToArray();
            await analytics.PublishAsync(messages);
            await analytics.PublishAsync(messages[..20]);
        }

        await analytics.CaughtUpAsync();
        Assert.Equal(2000, await TotalAsync(analytics, tenant));
    }

    [Fact]
    public async Task Garbage_stops_neither_group()
    {
        await using var analytics = new StartedFixture();
        await analytics.InitializeAsync();
        var tenant = AnalyticsFixture.NewTenant();
        var id = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync(
            AnalyticsFixture.Event("job.created", tenant, "k", "{\"queue\":"),
            AnalyticsFixture.Event("resource.created", tenant, "k", ""),
            AnalyticsFixture.Event("resource.created", tenant, "k", """{"id":7,"type":null,"labels":["x"],"version":"one"}"""),
            AnalyticsFixture.Event("resource.updated", tenant, "k", """{"id":"res_nonsense","type":"t","version":1}"""),
            AnalyticsFixture.Event("a.b", tenant, "k", """{"text":"\ud800 lone","labels":{"a\u0000b":"\u0000c","x":{}}}"""),
            AnalyticsFixture.Event("bad\0type", tenant, "k", "null"),
            AnalyticsFixture.Event(new string('t', 5000), tenant, new string('s', 5000), "[[[[1]]]]"),
            AnalyticsFixture.Event("deep", tenant, "k", new string('[', 300) + new string(']', 300)),
            AnalyticsFixture.Event("api.usage", tenant, "k", """{"requests":"many"}""", Topics.Analytics),
            AnalyticsFixture.Event("api.usage", tenant, "k", """{"requests":[{"api_key":"x","route":"r","status":200,"count":-5}]}""", Topics.Analytics),
            AnalyticsFixture.Resource("resource.created", tenant, id, """{"note":"survivor"}"""));
        await analytics.CaughtUpAsync();

        Assert.Equal(9, await TotalAsync(analytics, tenant));
        Assert.Single(await analytics.SearchAsync(tenant, "q=survivor"));
        Assert.Equal(9, (await analytics.SearchAsync(tenant, "kind=event")).Length);
        Assert.Equal(0L, await analytics.Service.Database.ScalarAsync<long>("SELECT count(*) FROM analytics.parked_event"));
    }

    private static async Task<long> TotalAsync(AnalyticsFixture analytics, Guid tenant) =>
        (await analytics.GetAsync(tenant, "/v1/analytics/usage")).GetProperty("total").GetInt64();

    private sealed class StartedFixture : AnalyticsFixture, IAsyncDisposable
    {
        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }
}
