using Npgsql;
using Platform.Analytics.Search.Postgres;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Idempotency;
using Platform.Testing;

namespace Platform.Analytics.Search;

/// <summary>Row-level security must not cost the text index, and the answers must be the same without it.</summary>
public sealed class TextIndexTests(AnalyticsFixture analytics) : IClassFixture<AnalyticsFixture>
{
    private const int Documents = 20_000;

    [Fact]
    public async Task A_rare_word_among_many_documents_is_read_from_the_index_under_row_level_security()
    {
        var tenant = AnalyticsFixture.NewTenant();
        var database = analytics.Service.Database;
        await FillAsync(database, tenant);

        Assert.Contains("search_resource_terms", await ExplainAsync(analytics.Database, tenant, "needle7"), StringComparison.Ordinal);
        Assert.Single(await analytics.SearchAsync(tenant, "q=%22needle7%22"));
        Assert.Equal(50, (await analytics.SearchAsync(tenant, "q=common")).Length);

        await database.ExecuteAsync("ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) NOT LEAKPROOF");
        Assert.DoesNotContain("search_resource_terms", await ExplainAsync(analytics.Database, tenant, "needle7"), StringComparison.Ordinal);
        Assert.Single(await analytics.SearchAsync(tenant, "q=%22needle7%22"));
        Assert.Equal(50, (await analytics.SearchAsync(tenant, "q=common")).Length);
        Assert.Empty(await analytics.SearchAsync(tenant, "q=common -common"));
    }

    private static Task FillAsync(TestDatabase database, Guid tenant) => database.ExecuteAsync($"""
        INSERT INTO analytics.search_resource (tenant_id, id, version, type, labels, body, terms, created_at, updated_at)
        SELECT '{tenant}', gen_random_uuid(), 1, 'note', '{"{}"}', 'needle' || n || ' common',
            ('''{Lexemes.Tag(tenant)}='' ''{Lexemes.Tag(tenant)}needle' || n || ''':1 ''{Lexemes.Tag(tenant)}common'':2')::tsvector, now(), now()
        FROM generate_series(1, {Documents}) n;
        ANALYZE analytics.search_resource;
        """);

    private static async Task<string> ExplainAsync(ServiceDatabase database, Guid tenant, string word)
    {
        await using var connection = await database.Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            EXPLAIN SELECT id FROM analytics.search_resource
            WHERE tenant_id = '{tenant}' AND terms @@ '{Lexemes.Tag(tenant)}{word}'::tsquery AND deleted_at IS NULL
            ORDER BY updated_at DESC, id DESC LIMIT 5000
            """));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        var plan = "";
        while (await reader.ReadAsync())
        {
            plan += reader.GetString(0) + "\n";
        }

        return plan;
    }
}
