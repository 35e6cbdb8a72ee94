using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Analytics.Search.Postgres;

/// <summary>
/// Answers queries. Hits are the most recent matches up to a number, ranked by how well they match; a word that half of all documents
/// have then costs no more than a rare one. Pages go on from the last hit's score, time and id, so no page reads what another showed.
/// </summary>
internal sealed class PostgresSearch(AnalyticsDatabase database)
{
    /// <summary>Matches of each kind that are ranked.</summary>
    private const int MaxRanked = 5000;

    private readonly string _schema = database.Schema;

    public async Task<SearchPage> QueryAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        if (query.After is not { Fuzzy: true })
        {
            var hits = await RunAsync(connection, query, cancellationToken);
            if (hits.Count > 0 || query.After is not null || query.Text is null)
            {
                return Page(query, hits, fuzzy: false);
            }
        }

        // Nothing has these words: perhaps they are misspelt.
        if (await SimilarWords.ReplaceAsync(connection, _schema, query, cancellationToken) is not { } similar)
        {
            return Page(query, [], fuzzy: false);
        }

        var replaced = query with { Text = similar };
        return Page(replaced, await RunAsync(connection, replaced, cancellationToken), fuzzy: true);
    }

    private static SearchPage Page(SearchQuery query, List<SearchHit> hits, bool fuzzy)
    {
        var more = hits.Count > query.Limit;
        return new(more ? hits.GetRange(0, query.Limit) : hits, more, query.Text, fuzzy && hits.Count > 0);
    }

    private async Task<List<SearchHit>> RunAsync(NpgsqlConnection connection, SearchQuery query, CancellationToken cancellationToken)
    {
        if (Lexemes.Match(query) is not { } match)
        {
            return [];
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(query.Tenant));

        // How many documents have the word decides between the word's index and the recent ones; a plan for any word cannot know.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql(query))
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = query.Tenant },
                new NpgsqlParameter<string> { TypedValue = match },
                new NpgsqlParameter<string> { TypedValue = query.Text is null ? "" : Lexemes.Words(Lexemes.Tag(query.Tenant), query.Text) },
                new NpgsqlParameter { Value = (object?)query.After?.Score ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Real },
                new NpgsqlParameter { Value = (object?)query.After?.UpdatedAt.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new NpgsqlParameter { Value = (object?)query.After?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new NpgsqlParameter<int> { TypedValue = query.Limit + 1 },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var hits = new List<SearchHit>(query.Limit + 1);
        while (await reader.ReadAsync(cancellationToken))
        {
            hits.Add(Read(reader, query.Tenant));
        }

        return hits;
    }

    private string Sql(SearchQuery query)
    {
        var matches = string.Join("\nUNION ALL\n", query.Kinds.Select(k => Matches(k, query)));
        var after = query.After is null ? "$4::real IS NULL" : "(score, at, id) < ($4::real, $5::timestamptz, $6::uuid)";
        return $"""
            SELECT hit.kind, hit.score, hit.id, hit.at, d.type, d.subject, d.labels::text, d.source, d.body, d.version, d.created_at
            FROM (SELECT * FROM ({matches}) m WHERE {after} ORDER BY score DESC, at DESC, id DESC LIMIT $7) hit
            CROSS JOIN LATERAL (
                SELECT type, '' AS subject, labels, source, body, version, created_at FROM {_schema}.search_resource r
                WHERE hit.kind = 0 AND r.tenant_id = $1 AND r.id = hit.id
                UNION ALL
                SELECT type, subject, labels, source, body, 1, occurred_at FROM {_schema}.search_event e
                WHERE hit.kind = 1 AND e.tenant_id = $1 AND e.id = hit.id
            ) d
            ORDER BY hit.score DESC, hit.at DESC, hit.id DESC
            """;
    }

    private string Matches(SearchKind kind, SearchQuery query)
    {
        var (table, at, alive) = kind == SearchKind.Resource
            ? ("search_resource", "updated_at", " AND deleted_at IS NULL")
            : ("search_event", "occurred_at", "");
        var condition = query.Text is null && query.Type is null && query.Labels.Count == 0 ? "$2::text IS NOT NULL" : "terms @@ $2::text::tsquery";

        // Without words there is nothing to rank: the recent ones, from where the last page ended.
        var (score, limit, from) = query.Text is not null
            ? ("ts_rank_cd(terms, $3::text::tsquery, 1)", $"{MaxRanked}", "")
            : ("0::real", "$7", query.After is null ? "" : $" AND ({at}, id) < ($5::timestamptz, $6::uuid)");
        return $"""
            SELECT {(int)kind} AS kind, id, at, {score} AS score FROM (
                SELECT id, {at} AS at, terms FROM {_schema}.{table}
                WHERE tenant_id = $1 AND {condition}{alive}{from} ORDER BY {at} DESC, id DESC LIMIT {limit}
            ) {table}
            """;
    }

    private static SearchHit Read(NpgsqlDataReader reader, Guid tenant) =>
        new(new SearchDocument
        {
            Tenant = tenant,
            Kind = (SearchKind)reader.GetInt32(0),
            Id = reader.GetGuid(2),
            UpdatedAt = reader.GetFieldValue<DateTimeOffset>(3),
            Type = reader.GetString(4),
            Subject = reader.GetString(5),
            Labels = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(6))!,
            Source = reader.IsDBNull(7) ? null : reader.GetString(7),
            Body = reader.GetString(8),
            Version = reader.GetInt64(9),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(10),
        }, reader.GetFloat(1));
}
