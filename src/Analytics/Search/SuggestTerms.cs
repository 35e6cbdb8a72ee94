using System.Buffers;
using System.Text.Json;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Analytics.Search;

/// <summary><c>GET /v1/search/suggest</c>: words, types and labels of resources that begin with <c>q</c>.</summary>
internal static class SuggestTerms
{
    private const int Default = 10;
    private const int Max = 50;
    private const int MaxPrefix = 100;

    public static async Task<IResult> HandleAsync(HttpContext http, ISearchIndex index)
    {
        var prefix = http.Request.Query["q"].ToString();
        if (prefix.Length is 0 or > MaxPrefix || prefix.Contains('\0', StringComparison.Ordinal))
        {
            return KnownProblems.Validation("q", "invalid_length", $"'q' must have 1 to {MaxPrefix} characters.");
        }

        var limit = Default;
        if (http.Request.Query.TryGetValue("limit", out var text) && (!int.TryParse(text, out limit) || limit is < 1 or > Max))
        {
            return KnownProblems.Validation("limit", "out_of_range", $"'limit' must be a number from 1 to {Max}.");
        }

        var suggestions = await index.SuggestAsync(http.Principal().TenantId, prefix, limit, http.RequestAborted);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("data");
        foreach (var suggestion in suggestions)
        {
            json.WriteStartObject();
            json.WriteString("kind", suggestion.Kind);
            json.WriteString("text", suggestion.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return JsonAnswer.Ok(buffer.WrittenMemory);
    }
}
