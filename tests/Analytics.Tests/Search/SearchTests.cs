using System.Text.Json;
using Platform.Contracts.Identifiers;

namespace Platform.Analytics.Search;

public sealed class SearchTests(AnalyticsFixture analytics) : IClassFixture<AnalyticsFixture>
{
    [Fact]
    public async Task The_life_of_a_resource_is_followed()
    {
        var tenant = AnalyticsFixture.NewTenant();
        var id = AnalyticsFixture.NewTenant();
        var name = TypeId.Format(IdPrefix.Resource, id);
        await analytics.PublishAsync(AnalyticsFixture.Resource(
            "resource.created", tenant, id, """{"title":"A green bicycle","parts":[{"name":"saddle"}],"price":7}""", labels: """{"env":"prod"}"""));
        await analytics.CaughtUpAsync();

        var hit = Assert.Single((await analytics.GetAsync(tenant, "/v1/search?q=saddl&type=note&label=env:prod&highlight=true")).GetProperty("data").EnumerateArray());
        Assert.Equal("resource", hit.GetProperty("kind").GetString());
        Assert.Equal(name, hit.GetProperty("id").GetString());
        Assert.Equal("prod", hit.GetProperty("labels").GetProperty("env").GetString());
        Assert.Equal("A green bicycle\n<em>saddle</em>", hit.GetProperty("snippet").GetString());
        Assert.Equal("2026-01-01T00:00:00.000000Z", hit.GetProperty("updated_at").GetString());
        Assert.True(hit.GetProperty("score").GetDouble() > 0);
        Assert.Equal("saddle", hit.GetProperty("resource").GetProperty("data").GetProperty("parts")[0].GetProperty("name").GetString());
        Assert.Equal([name], await analytics.SearchAsync(tenant, "q=" + name));

        await analytics.PublishAsync(AnalyticsFixture.Resource("resource.updated", tenant, id, """{"title":"A red bicycle"}""", version: 2));
        await analytics.CaughtUpAsync();
        Assert.Empty(await analytics.SearchAsync(tenant, "q=green"));
        Assert.Equal([name], await analytics.SearchAsync(tenant, "q=red"));

        await analytics.PublishAsync(AnalyticsFixture.Resource("resource.deleted", tenant, id, "null", version: 3));
        await analytics.CaughtUpAsync();
        Assert.Empty(await analytics.SearchAsync(tenant, "q=bicycle"));
        Assert.Equal(3, (await analytics.SearchAsync(tenant, "kind=event&q=" + name)).Length);
        Assert.Equal(2, (await analytics.SearchAsync(tenant, "kind=all&q=bicycle")).Length);
    }

    [Fact]
    public async Task Markup_in_a_document_stays_text()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync(AnalyticsFixture.Resource(
            "resource.created", tenant, AnalyticsFixture.NewTenant(), """{"a":"<script>alert('x')</script> <em>fake</em> & \"script\" <img onerror=script>"}"""));
        await analytics.CaughtUpAsync();

        var answer = await analytics.GetAsync(tenant, "/v1/search?q=script&highlight=true");

        Assert.Equal(
            "&lt;<em>script</em>&gt;alert(&#39;x&#39;)&lt;/<em>script</em>&gt; &lt;em&gt;fake&lt;/em&gt; &amp; &quot;<em>script</em>&quot; &lt;img onerror=<em>script</em>&gt;",
            answer.GetProperty("data")[0].GetProperty("snippet").GetString());
    }

    [Fact]
    public async Task Pages_follow_each_other_by_cursor()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync([.. Enumerable.Range(0, 7).Select(_ =>
            AnalyticsFixture.Resource("resource.created", tenant, AnalyticsFixture.NewTenant(), """{"a":"paged"}"""))]);
        await analytics.CaughtUpAsync();
        var ids = new List<string>();
        var cursor = "";
        JsonElement page;
        do
        {
            page = await analytics.GetAsync(tenant, "/v1/search?q=paged&limit=3" + cursor);
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(h => h.GetProperty("id").GetString()!));
            cursor = "&cursor=" + page.GetProperty("next_cursor").GetString();
        }
        while (page.GetProperty("has_more").GetBoolean());

        Assert.Equal(7, ids.Distinct().Count());
        Assert.Equal(7, ids.Count);
        var first = await analytics.GetAsync(tenant, "/v1/search?q=paged&limit=3");
        await analytics.GetAsync(tenant, "/v1/search?q=other&cursor=" + first.GetProperty("next_cursor").GetString(), 400);
    }

    [Fact]
    public async Task A_document_too_long_for_a_list_is_found_and_not_shown()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.PublishAsync(AnalyticsFixture.Resource(
            "resource.created", tenant, AnalyticsFixture.NewTenant(), $$"""{"a":"{{string.Concat(Enumerable.Repeat("filler ", 5000))}}needle"}"""));
        await analytics.CaughtUpAsync();

        var hit = Assert.Single((await analytics.GetAsync(tenant, "/v1/search?q=needle&highlight=true")).GetProperty("data").EnumerateArray());

        Assert.False(hit.TryGetProperty("resource", out _));
        Assert.EndsWith("filler <em>needle</em>", hit.GetProperty("snippet").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind=thing", "kind")]
    [InlineData("label=nocolon", "label")]
    [InlineData("label=:x", "label")]
    [InlineData("type=", "type")]
    [InlineData("highlight=yes", "highlight")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=nonsense", "cursor")]
    public async Task Bad_questions_are_refused_with_their_place(string query, string pointer)
    {
        var problem = await analytics.GetAsync(AnalyticsFixture.NewTenant(), "/v1/search?" + query, 400);

        Assert.Equal(pointer, Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Long_questions_are_refused_and_odd_ones_answered()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.GetAsync(tenant, "/v1/search?q=" + new string('x', 513), 400);
        foreach (var odd in new[] { "%00", "%27", "%5C", "a%00b%27:*", "%F0%9F%98%80", "%FF", "%22", "-%22", new string('-', 500), string.Concat(Enumerable.Repeat("a%20", 256)) })
        {
            await analytics.GetAsync(tenant, $"/v1/search?q={odd}&type=x{odd[..Math.Min(60, odd.Length)]}&label=a:{odd[..Math.Min(60, odd.Length)]}");
        }

        await analytics.GetAsync(tenant, "/v1/search/suggest", 400);
        await analytics.GetAsync(tenant, "/v1/search/suggest?q=%00", 400);
        await analytics.GetAsync(tenant, "/v1/search/suggest?q=a&limit=51", 400);
    }

    [Fact]
    public async Task Scopes_of_what_is_found_are_needed()
    {
        var tenant = AnalyticsFixture.NewTenant();
        await analytics.GetAsync(tenant, "/v1/search?q=x", 403, "analytics.read");
        await analytics.GetAsync(tenant, "/v1/search?q=x", 200, "resources.read");
        await analytics.GetAsync(tenant, "/v1/search?q=x&kind=event", 403, "resources.read");
        await analytics.GetAsync(tenant, "/v1/search?q=x&kind=all", 200, "resources.read", "events.read");
    }

    [Fact]
    public async Task Another_tenants_documents_never_appear_even_to_a_query_that_forgets_to_say_whose()
    {
        var (mine, theirs) = (AnalyticsFixture.NewTenant(), AnalyticsFixture.NewTenant());
        await analytics.PublishAsync(
            AnalyticsFixture.Resource("resource.created", theirs, AnalyticsFixture.NewTenant(), """{"a":"treasure"}"""),
            AnalyticsFixture.Resource("resource.created", mine, AnalyticsFixture.NewTenant(), """{"a":"pebble"}"""));
        await analytics.CaughtUpAsync();

        foreach (var query in new[] { "q=treasure", "q=tresure", "q=trea", "q=-pebble", "kind=all&q=treasure", "type=note&q=treasure" })
        {
            Assert.Empty(await analytics.SearchAsync(mine, query));
        }

        Assert.Empty((await analytics.GetAsync(mine, "/v1/search/suggest?q=trea")).GetProperty("data").EnumerateArray());
        foreach (var table in new[] { "search_resource", "search_event" })
        {
            Assert.Equal(1, await RowLevelSecurity.CountAsync(analytics.Database, table, mine));
            Assert.Equal(0, await RowLevelSecurity.CountAsync(analytics.Database, table, tenant: null));
        }

        var partition = await analytics.Service.Database.ScalarAsync<string>($"SELECT tableoid::regclass::text FROM analytics.search_event WHERE tenant_id = '{mine}'");
        Assert.Equal(0, await RowLevelSecurity.CountAsync(analytics.Database, partition.Replace("analytics.", "", StringComparison.Ordinal), mine));
    }
}
