namespace Platform.Analytics.Search;

/// <summary>Words that must stand side by side; a single one may stand for the beginning of a word, or for similar ones.</summary>
/// <param name="Words">As they are indexed; at least one.</param>
/// <param name="Negated">Must not be there.</param>
/// <param name="Prefix">The last word is the beginning of one.</param>
internal sealed record SearchClause(IReadOnlyList<string> Words, bool Negated, bool Prefix)
{
    /// <summary>Words that may stand in the place of a single one that is nowhere.</summary>
    public IReadOnlyList<string> Similar { get; init; } = [];
}

/// <summary>
/// What a person typed, as <c>websearch_to_tsquery</c> reads it: words are all wanted, <c>"side by side"</c>, <c>-without</c>, <c>or</c>
/// between alternatives; nothing is an error. The last word, where it stands free, may be unfinished.
/// </summary>
/// <param name="Alternatives">One of them must hold; in each, every clause.</param>
internal sealed record SearchText(IReadOnlyList<IReadOnlyList<SearchClause>> Alternatives)
{
    /// <summary>True when there is no word in it: nothing is found.</summary>
    public bool IsEmpty => Alternatives.Count == 0;

    public IEnumerable<SearchClause> Wanted => Alternatives.SelectMany(a => a).Where(c => !c.Negated);

    public static SearchText Parse(string typed)
    {
        var alternatives = new List<List<SearchClause>>();
        var current = new List<SearchClause>();
        SearchClause? last = null;
        foreach (var token in Tokens(typed))
        {
            if (token is { Quoted: false, Negated: false } && token.Text.Equals("or", StringComparison.OrdinalIgnoreCase) && current.Count > 0)
            {
                alternatives.Add(current);
                current = [];
                last = null;
                continue;
            }

            var words = Words.Of(token.Text).ToArray();
            if (words.Length == 0)
            {
                continue;
            }

            var clause = new SearchClause(words, token.Negated, Prefix: false);
            current.Add(clause);
            last = token is { Quoted: false, Negated: false } ? clause : null;
        }

        if (last is not null)
        {
            current[^1] = last with { Prefix = true };
        }

        if (current.Count > 0)
        {
            alternatives.Add(current);
        }

        return new(alternatives);
    }

    private static IEnumerable<Token> Tokens(string typed)
    {
        for (var i = 0; i < typed.Length;)
        {
            if (char.IsWhiteSpace(typed[i]))
            {
                i++;
                continue;
            }

            var negated = typed[i] == '-';
            if (negated)
            {
                i++;
            }

            if (i < typed.Length && typed[i] == '"')
            {
                var close = typed.IndexOf('"', i + 1);
                var end = close < 0 ? typed.Length : close;
                yield return new(typed[(i + 1)..end], negated, Quoted: true);
                i = close < 0 ? typed.Length : close + 1;
                continue;
            }

            var start = i;
            while (i < typed.Length && !char.IsWhiteSpace(typed[i]) && typed[i] != '"')
            {
                i++;
            }

            yield return new(typed[start..i], negated, Quoted: false);
        }
    }

    private readonly record struct Token(string Text, bool Negated, bool Quoted);
}
