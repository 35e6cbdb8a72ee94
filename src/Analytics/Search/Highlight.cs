using System.Text;

namespace Platform.Analytics.Search;

/// <summary>
/// An excerpt around the first hit, as HTML: the document's text is escaped piece by piece, and only this adds <c>&lt;em&gt;</c>, so a
/// document cannot bring markup of its own.
/// </summary>
internal static class Highlight
{
    private const int Before = 60;
    private const int Length = 240;

    public static string Snippet(string body, SearchText? text)
    {
        var (exact, prefixes) = WordsOf(text);
        var words = Words.Find(body).ToArray();
        var first = Array.FindIndex(words, w => Matches(body, w, exact, prefixes));
        var start = first < 0 ? 0 : StartOf(words, words[first].Start);
        var end = EndOf(body, words, start);
        var html = new StringBuilder(end - start + 64);
        if (start > 0)
        {
            html.Append('…');
        }

        var at = start;
        foreach (var word in words.SkipWhile(w => w.Start < start).TakeWhile(w => w.Start + w.Length <= end))
        {
            if (Matches(body, word, exact, prefixes))
            {
                Escape(html, body.AsSpan(at, word.Start - at));
                html.Append("<em>");
                Escape(html, body.AsSpan(word.Start, word.Length));
                html.Append("</em>");
                at = word.Start + word.Length;
            }
        }

        Escape(html, body.AsSpan(at, end - at));
        return (end < body.Length ? html.Append('…') : html).ToString();
    }

    private static (HashSet<string> Exact, string[] Prefixes) WordsOf(SearchText? text)
    {
        var exact = new HashSet<string>(StringComparer.Ordinal);
        var prefixes = new List<string>();
        foreach (var clause in text?.Wanted ?? [])
        {
            var whole = clause.Prefix ? clause.Words.Count - 1 : clause.Words.Count;
            exact.UnionWith(clause.Words.Take(whole));
            exact.UnionWith(clause.Similar);
            prefixes.AddRange(clause.Words.Skip(whole));
        }

        return (exact, [.. prefixes]);
    }

    private static bool Matches(string body, Word word, HashSet<string> exact, string[] prefixes)
    {
        if ((exact.Count == 0 && prefixes.Length == 0) || Words.Normalize(body.AsSpan(word.Start, word.Length)) is not { } normal)
        {
            return false;
        }

        return exact.Contains(normal) || Array.Exists(prefixes, p => normal.StartsWith(p, StringComparison.Ordinal));
    }

    /// <summary>The first word that begins no more than a little before the hit.</summary>
    private static int StartOf(Word[] words, int hit) => hit <= Before ? 0 : Array.Find(words, w => w.Start >= hit - Before).Start;

    /// <summary>The end of the last word that fits; in the middle of one that fills the excerpt alone.</summary>
    private static int EndOf(string body, Word[] words, int start)
    {
        if (body.Length - start <= Length)
        {
            return body.Length;
        }

        var limit = start + Length;
        var last = words.LastOrDefault(w => w.Start >= start && w.Start + w.Length <= limit);
        var end = last.Length > 0 ? last.Start + last.Length : limit;
        return char.IsHighSurrogate(body[end - 1]) ? end - 1 : end;
    }

    private static void Escape(StringBuilder html, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                _ => html.Append(c),
            };
        }
    }
}
