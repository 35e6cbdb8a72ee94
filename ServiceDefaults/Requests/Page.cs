using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary>A list request: how many, and where the last page ended.</summary>
/// <param name="Limit">1 to 200, 50 by default.</param>
/// <param name="After">Key parts of the last item of the page before; null for the first page.</param>
public sealed record Page(int Limit, IReadOnlyList<string>? After)
{
    public const int MaxLimit = 200;
    private const int DefaultLimit = 50;

    /// <summary>Reads <c>limit</c> and <c>cursor</c>.</summary>
    /// <param name="list">Name of the list and its order: a cursor of another list or order is refused.</param>
    /// <param name="parts">How many key parts the list's cursor has.</param>
    public static (Page Page, Problem? Problem) Read(HttpContext http, string list, int parts)
    {
        var query = http.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var text) && (!int.TryParse(text, out limit) || limit is < 1 or > MaxLimit))
        {
            return (new(DefaultLimit, null), KnownProblems.Validation("limit", "out_of_range", $"'limit' must be a number from 1 to {MaxLimit}."));
        }

        if (!query.TryGetValue("cursor", out var cursor))
        {
            return (new(limit, null), null);
        }

        return Decode(cursor.ToString(), list, parts) is { } after
            ? (new(limit, after), null)
            : (new(limit, null), KnownProblems.InvalidCursor());
    }

    /// <summary>The cursor after an item with these key parts.</summary>
    public static string Encode(string list, params string[] parts) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join('\n', [list, .. parts])));

    private static string[]? Decode(string cursor, string list, int parts)
    {
        if (cursor.Length is 0 or > 2048 || !Base64Url.IsValid(cursor))
        {
            return null;
        }

        var fields = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('\n');
        return fields.Length == parts + 1 && fields[0] == list && !fields.Any(f => f.Contains('\0', StringComparison.Ordinal)) ? fields[1..] : null;
    }
}
