using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Analytics.Search.Postgres;

/// <summary>Words, types and labels that documents have, for suggestions and for misspelt queries.</summary>
internal static class Vocabulary
{
    private const int MinWord = 3;
    private const int MaxWord = 32;
    private const int MaxWordsOfDocument = 500;

    /// <summary>After every text that begins like it, in the order of bytes.</summary>
    public const string Last = "\U0010FFFF";

    /// <summary>Words of letters alone: identifiers and numbers are not what people misspell, and there would be no end of them.</summary>
    public static HashSet<(Guid Tenant, string Kind, string Word)> Of(IReadOnlyList<SearchDocument> documents)
    {
        var words = new HashSet<(Guid, string, string)>();
        foreach (var document in documents.Where(d => d is { Deleted: false, Kind: SearchKind.Resource }))
        {
            words.Add((document.Tenant, "type", document.Type));
            words.UnionWith(document.Labels.Where(l => !l.Key.Contains(':', StringComparison.Ordinal))
                .Select(l => (document.Tenant, "label", l.Key + ":" + l.Value)));

            words.UnionWith(Words.Of(document.Body).Where(IsOrdinary).Take(MaxWordsOfDocument).Select(w => (document.Tenant, "word", w)));
        }

        return words;
    }

    public static NpgsqlBatchCommand Put(string schema, IReadOnlyCollection<(Guid Tenant, string Kind, string Word)> words) =>
        new($"""
            INSERT INTO {schema}.search_word (tenant_id, kind, word)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS w(tenant_id, kind, word)
            ORDER BY tenant_id, kind COLLATE "C", word COLLATE "C"
            ON CONFLICT DO NOTHING
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. words.Select(w => w.Tenant)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. words.Select(w => w.Kind)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. words.Select(w => w.Word)] },
            },
        };

    public static async Task<IReadOnlyList<Suggestion>> SuggestAsync(
        ServiceDatabase database, Guid tenant, string prefix, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            SELECT kind, word FROM (
                SELECT kind, word FROM {database.Schema}.search_word
                WHERE tenant_id = $1 AND kind IN ('type', 'word') AND word >= lower($2) AND word < lower($2) || '{Last}'
                UNION ALL
                SELECT kind, word FROM {database.Schema}.search_word
                WHERE tenant_id = $1 AND kind = 'label' AND word >= $2 AND word < $2 || '{Last}'
            ) w
            ORDER BY word, kind LIMIT $3
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<string> { TypedValue = prefix },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var suggestions = new List<Suggestion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            suggestions.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return suggestions;
    }

    /// <summary>
    /// Looks at words that were not looked at for a day and removes those that no resource has any more. Returns how many it looked at.
    /// </summary>
    public static async Task<int> SweepAsync(ServiceDatabase database, int limit, CancellationToken cancellationToken)
    {
        // A word that a document brings at this moment may be lost from here until the next document brings it: a suggestion less.
        await using var command = database.System.CreateCommand($"""
            WITH due AS (
                SELECT tenant_id, kind, word FROM {database.Schema}.search_word
                WHERE checked_at < now() - interval '1 day' ORDER BY checked_at LIMIT {limit} FOR UPDATE SKIP LOCKED
            ), dead AS (
                SELECT * FROM due WHERE NOT EXISTS (
                    SELECT FROM {database.Schema}.search_resource r
                    WHERE r.tenant_id = due.tenant_id AND r.terms @@ ('''' || right(due.tenant_id::text, 8) || replace(replace(CASE kind
                        WHEN 'type' THEN '=t:' || word
                        WHEN 'label' THEN '=l:' || overlay(word PLACING E'\x1f' FROM position(':' IN word) FOR 1)
                        ELSE word END, '\', '\\'), '''', '''''') || '''')::tsquery)
            ), removed AS (
                DELETE FROM {database.Schema}.search_word w USING dead d WHERE (w.tenant_id, w.kind, w.word) = (d.tenant_id, d.kind, d.word)
            ), kept AS (
                UPDATE {database.Schema}.search_word w SET checked_at = now() FROM due d
                WHERE (w.tenant_id, w.kind, w.word) = (d.tenant_id, d.kind, d.word)
                    AND NOT EXISTS (SELECT FROM dead x WHERE (x.tenant_id, x.kind, x.word) = (d.tenant_id, d.kind, d.word))
            )
            SELECT count(*)::int FROM due
            """);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static bool IsOrdinary(string word) => word.Length is >= MinWord and <= MaxWord && word.All(char.IsLetter);
}
