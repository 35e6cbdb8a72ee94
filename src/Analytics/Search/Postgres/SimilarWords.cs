using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Analytics.Search.Postgres;

/// <summary>
/// What a misspelt word may have meant: words of the tenant with the same first letter, one edit away, or two from eight letters on.
/// Compared here over an ordered range of words. The trigram operators would be no help: under row-level security PostgreSQL uses an index
/// only through operators that are marked leakproof, and those are not.
/// </summary>
internal static class SimilarWords
{
    private const int MinLength = 4;
    private const int MaxCompared = 20_000;
    private const int MaxReplaced = 5;
    private const int MaxSimilar = 3;

    /// <summary>The query with similar words in the place of those that no document has; null when there are none.</summary>
    public static async Task<SearchText?> ReplaceAsync(
        NpgsqlConnection connection, string schema, SearchQuery query, CancellationToken cancellationToken)
    {
        var similar = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var word in query.Text!.Wanted.Where(c => c.Words.Count == 1).Select(c => c.Words[0])
            .Where(w => w.Length >= MinLength && w.All(char.IsLetter)).Distinct(StringComparer.Ordinal).Take(MaxReplaced))
        {
            var found = Closest(word, await ReadAsync(connection, schema, query.Tenant, word, cancellationToken));
            if (found.Count > 0)
            {
                similar[word] = found;
            }
        }

        return similar.Count == 0
            ? null
            : new([.. query.Text.Alternatives.Select(a => (IReadOnlyList<SearchClause>)[.. a.Select(c =>
                !c.Negated && c.Words.Count == 1 && similar.TryGetValue(c.Words[0], out var s) ? c with { Similar = s } : c)])]);
    }

    /// <summary>Edits between two words: letters added, left out, exchanged, or swapped with their neighbour; more than <paramref name="max"/> is max + 1.</summary>
    internal static int Distance(string a, string b, int max)
    {
        if (Math.Abs(a.Length - b.Length) > max)
        {
            return max + 1;
        }

        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> current = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            var best = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(last[j], current[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost = Math.Min(cost, before[j - 2] + 1);
                }

                current[j] = cost;
                best = Math.Min(best, cost);
            }

            if (best > max)
            {
                return max + 1;
            }

            last.CopyTo(before);
            current.CopyTo(last);
        }

        return Math.Min(last[b.Length], max + 1);
    }

    private static int Edits(string word) => word.Length < 8 ? 1 : 2;

    private static List<string> Closest(string word, List<string> candidates) =>
        [.. candidates.Select(c => (Word: c, Distance: Distance(word, c, Edits(word))))
            .Where(c => c.Distance <= Edits(word) && c.Distance > 0)
            .OrderBy(c => c.Distance).ThenBy(c => c.Word, StringComparer.Ordinal).Take(MaxSimilar).Select(c => c.Word)];

    private static async Task<List<string>> ReadAsync(
        NpgsqlConnection connection, string schema, Guid tenant, string word, CancellationToken cancellationToken)
    {
        var first = word[..(char.IsHighSurrogate(word[0]) ? 2 : 1)];
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            SELECT word FROM {schema}.search_word
            WHERE tenant_id = $1 AND kind = 'word' AND word >= $2 AND word < $3 AND char_length(word) BETWEEN $4 AND $5
            LIMIT {MaxCompared}
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<string> { TypedValue = first },
                new NpgsqlParameter<string> { TypedValue = first + Vocabulary.Last },
                new NpgsqlParameter<int> { TypedValue = word.Length - Edits(word) },
                new NpgsqlParameter<int> { TypedValue = word.Length + Edits(word) },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var words = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            words.Add(reader.GetString(0));
        }

        return words;
    }
}
