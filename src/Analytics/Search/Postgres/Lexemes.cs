using System.Text;

namespace Platform.Analytics.Search.Postgres;

/// <summary>
/// How documents and queries are spelt for PostgreSQL. A lexeme begins with the tenant's tag (the last eight digits of its id, all of
/// them random), then a word, or '=' and something exact: t: a type, l: a label, nothing for "any document". A word has no '='.
/// </summary>
internal static class Lexemes
{
    /// <summary>A tsvector counts positions up to 16,383.</summary>
    private const int MaxPosition = 16_000;

    /// <summary>Between two texts: a phrase does not reach from one into the next.</summary>
    private const int Gap = 10;

    public static string Tag(Guid tenant) => tenant.ToString()[^8..];

    /// <summary>The document's <c>tsvector</c>: names weigh more (A) than the body (D).</summary>
    public static string Vector(SearchDocument document, string id)
    {
        var tag = Tag(document.Tenant);
        var vector = new StringBuilder(document.Body.Length + 512);
        Append(vector, tag + "=");
        Append(vector, Type(tag, document.Type));
        var position = 1;
        AppendWords(vector, tag, document.Type, ref position, 'A');
        foreach (var (name, value) in document.Labels)
        {
            Append(vector, Label(tag, name, value));
            AppendWords(vector, tag, name, ref position, 'A');
            AppendWords(vector, tag, value, ref position, 'A');
        }

        AppendWords(vector, tag, id, ref position, 'A');
        AppendWords(vector, tag, document.Subject, ref position, 'A');
        AppendWords(vector, tag, document.Body, ref position, weight: null);
        return vector.ToString();
    }

    /// <summary>The <c>tsquery</c> that a document must match; null when nothing can.</summary>
    public static string? Match(SearchQuery query)
    {
        if (query.Text is { IsEmpty: true })
        {
            return null;
        }

        var tag = Tag(query.Tenant);
        var parts = new List<string>();
        if (query.Type is { } type)
        {
            parts.Add(Quote(Type(tag, type)));
        }

        parts.AddRange(query.Labels.Select(l => Quote(Label(tag, l.Key, l.Value))));
        if (query.Text is { } text)
        {
            parts.Add($"({Words(tag, text)})");
        }

        return parts.Count == 0 ? Quote(tag + "=") : string.Join(" & ", parts);
    }

    /// <summary>The words of a query alone: what a hit is ranked by.</summary>
    public static string Words(string tag, SearchText text) =>
        string.Join(" | ", text.Alternatives.Select(a => $"({string.Join(" & ", Conditions(tag, a))})"));

    private static IEnumerable<string> Conditions(string tag, IReadOnlyList<SearchClause> clauses)
    {
        // What only must not be there is looked for among all documents of the tenant, never among those of others.
        if (clauses.All(c => c.Negated))
        {
            yield return Quote(tag + "=");
        }

        foreach (var clause in clauses)
        {
            var phrase = string.Join(" <-> ", clause.Words.Select((w, i) => Quote(tag + w) + (clause.Prefix && i == clause.Words.Count - 1 ? ":*" : "")));
            var any = string.Join(" | ", clause.Similar.Select(s => Quote(tag + s)).Prepend($"({phrase})"));
            yield return clause.Negated ? $"!({any})" : $"({any})";
        }
    }

    private static string Type(string tag, string type) => $"{tag}=t:{type}";

    private static string Label(string tag, string name, string value) => $"{tag}=l:{name}\u001f{value}";

    private static void AppendWords(StringBuilder vector, string tag, string text, ref int position, char? weight)
    {
        var end = 0;
        foreach (var word in Search.Words.Find(text))
        {
            if (position >= MaxPosition)
            {
                return;
            }

            if (text.AsSpan(end, word.Start - end).Contains('\n'))
            {
                position += Gap;
            }

            end = word.Start + word.Length;
            if (Search.Words.Normalize(text.AsSpan(word.Start, word.Length)) is { } normal)
            {
                // Letters and digits need no escape.
                vector.Append(" '").Append(tag).Append(normal).Append("':").Append(position).Append(weight);
            }

            position++;
        }

        position += Gap;
    }

    private static void Append(StringBuilder vector, string lexeme) => vector.Append(' ').Append(Quote(lexeme));

    private static string Quote(string lexeme) =>
        "'" + lexeme.Replace("\0", "", StringComparison.Ordinal).Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal) + "'";
}
