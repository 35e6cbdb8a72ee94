using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Analytics.Search;

/// <summary>A search as a caller asks for it, checked.</summary>
/// <param name="List">Names the query in its cursors: a cursor of another query is refused.</param>
internal sealed record SearchRequest(SearchQuery Query, bool Highlight, string List)
{
    public const int MaxText = 512;
    private const int MaxName = 200;
    private const int MaxLabels = 10;
    private const int CursorParts = 4;

    /// <summary>Reads the query; the faults of all parameters in one answer.</summary>
    public static (SearchRequest? Request, Problem? Problem) Read(HttpContext http, Guid tenant)
    {
        var query = http.Request.Query;
        var errors = new List<InputError>();
        var text = query["q"].ToString();
        if (text.Length > MaxText)
        {
            errors.Add(new("q", "invalid_length", $"'q' may have {MaxText} characters."));
        }

        string? type = query.TryGetValue("type", out var given) ? given.ToString() : null;
        if (type?.Length is 0 or > MaxName)
        {
            errors.Add(new("type", "invalid_length", $"'type' must have 1 to {MaxName} characters."));
        }

        var kinds = ReadKinds(query, errors);
        var labels = ReadLabels(query, errors);
        var highlight = ReadHighlight(query, errors);
        if (errors.Count > 0)
        {
            return (null, KnownProblems.Validation(errors));
        }

        var list = Name(query);
        var (page, problem) = Page.Read(http, list, CursorParts);
        SearchPosition? after = null;
        if (problem is null && page.After is not null && (after = Parse(page.After)) is null)
        {
            problem = KnownProblems.InvalidCursor();
        }

        var words = string.IsNullOrWhiteSpace(text) ? null : SearchText.Parse(text);
        return problem is not null
            ? (null, problem)
            : (new(new(tenant, kinds, words, type, labels, page.Limit) { After = after }, highlight, list), null);
    }

    /// <summary>The cursor after the last hit of a page.</summary>
    public string Cursor(SearchHit last, bool fuzzy) => Page.Encode(
        List,
        BitConverter.SingleToInt32Bits(last.Score).ToString(CultureInfo.InvariantCulture),
        last.Document.UpdatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
        last.Document.Id.ToString("N"),
        fuzzy ? "1" : "0");

    private static SearchPosition? Parse(IReadOnlyList<string> parts) =>
        int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) && float.IsFinite(BitConverter.Int32BitsToSingle(score))
        && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks
        && Guid.TryParseExact(parts[2], "N", out var id)
        && parts[3] is "0" or "1"
            ? new(BitConverter.Int32BitsToSingle(score), new(ticks, TimeSpan.Zero), id, parts[3] == "1")
            : null;

    private static SearchKind[] ReadKinds(IQueryCollection query, List<InputError> errors)
    {
        switch (query.TryGetValue("kind", out var kind) ? kind.ToString() : "resource")
        {
            case "resource": return [SearchKind.Resource];
            case "event": return [SearchKind.Event];
            case "all": return [SearchKind.Resource, SearchKind.Event];
            default:
                errors.Add(new("kind", "invalid_value", "'kind' must be one of resource, event, all."));
                return [];
        }
    }

    private static List<KeyValuePair<string, string>> ReadLabels(IQueryCollection query, List<InputError> errors)
    {
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var label in query["label"])
        {
            var colon = label!.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || label.Length > 2 * MaxName)
            {
                errors.Add(new("label", "invalid_label", "'label' must be a name and a value, such as env:prod."));
                return labels;
            }

            labels.Add(new(label[..colon], label[(colon + 1)..]));
        }

        if (labels.Count > MaxLabels)
        {
            errors.Add(new("label", "too_many", $"'label' may be given {MaxLabels} times."));
        }

        return labels;
    }

    private static bool ReadHighlight(IQueryCollection query, List<InputError> errors)
    {
        switch (query.TryGetValue("highlight", out var highlight) ? highlight.ToString() : "false")
        {
            case "true": return true;
            case "false": return false;
            default:
                errors.Add(new("highlight", "wrong_type", "'highlight' must be true or false."));
                return false;
        }
    }

    private static string Name(IQueryCollection query)
    {
        var parts = string.Join('\0', new[] { "q", "type", "kind" }.Select(n => query[n].ToString()).Concat(query["label"].Select(l => l ?? "")));
        return "search:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)).AsSpan(0, 8));
    }
}
