using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Analytics.Search;

/// <summary>
/// <c>GET /v1/search</c>: resources (<c>kind=resource</c>, the default), events of the last 30 days (<c>event</c>) or <c>all</c>. A hit shows
/// its object where that is short enough for a list; longer ones are fetched by id.
/// </summary>
internal static class SearchDocuments
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    public static readonly IReadOnlySet<string> FieldNames =
        new HashSet<string>(["kind", "id", "type", "score", "labels", "snippet", "updated_at", "resource", "event"], StringComparer.Ordinal);

    public static async Task<IResult> HandleAsync(HttpContext http, ISearchIndex index, TimeProvider clock)
    {
        var started = clock.GetTimestamp();
        var principal = http.Principal();
        var (request, problem) = SearchRequest.Read(http, principal.TenantId);
        var (fields, badFields) = FieldSelection.Read(http, FieldNames);
        if (request is null || badFields is not null)
        {
            return problem ?? badFields!;
        }

        if (request.Query.Kinds.Contains(SearchKind.Event) && !principal.May(Scopes.EventsRead))
        {
            return KnownProblems.Forbidden(Scopes.EventsRead);
        }

        var page = await index.QueryAsync(request.Query, http.RequestAborted);
        return JsonAnswer.Ok(Write(request, page, fields, clock.GetElapsedTime(started)));
    }

    private static ReadOnlyMemory<byte> Write(SearchRequest request, SearchPage page, IReadOnlySet<string>? fields, TimeSpan took)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using var json = new Utf8JsonWriter(buffer, Writing);
        json.WriteStartObject();
        json.WriteStartArray("data");
        foreach (var hit in page.Hits)
        {
            WriteHit(json, hit, request.Highlight ? page.Text : null, request.Highlight, fields ?? FieldNames);
        }

        json.WriteEndArray();
        json.WriteString("next_cursor", page.HasMore ? request.Cursor(page.Hits[^1], page.Fuzzy) : null);
        json.WriteBoolean("has_more", page.HasMore);
        if (page.Fuzzy)
        {
            json.WriteBoolean("fuzzy", value: true);
        }

        json.WriteNumber("took_ms", Math.Round(took.TotalMilliseconds, 2));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteHit(Utf8JsonWriter json, SearchHit hit, SearchText? text, bool highlight, IReadOnlySet<string> fields)
    {
        var document = hit.Document;
        var isResource = document.Kind == SearchKind.Resource;
        var kind = isResource ? "resource" : "event";
        var id = TypeId.Format(isResource ? IdPrefix.Resource : IdPrefix.Event, document.Id);
        json.WriteStartObject();
        WriteIf("kind", kind);
        WriteIf("id", id);
        WriteIf("type", document.Type);
        if (fields.Contains("score"))
        {
            json.WriteNumber("score", hit.Score);
        }

        if (fields.Contains("labels"))
        {
            WriteLabels(json, document);
        }

        if (highlight && fields.Contains("snippet"))
        {
            json.WriteString("snippet", Highlight.Snippet(document.Body, text));
        }

        WriteIf("updated_at", Rfc3339.Format(document.UpdatedAt));
        if (document.Source is { } source && fields.Contains(kind))
        {
            WriteObject(json, document, isResource, id, source);
        }

        json.WriteEndObject();

        void WriteIf(string name, string value)
        {
            if (fields.Contains(name))
            {
                json.WriteString(name, value);
            }
        }
    }

    private static void WriteObject(Utf8JsonWriter json, SearchDocument document, bool isResource, string id, string source)
    {
        json.WriteStartObject(isResource ? "resource" : "event");
        json.WriteString("id", id);
        json.WriteString("type", document.Type);
        if (!isResource)
        {
            json.WriteString("subject", document.Subject);
        }

        json.WritePropertyName("data");
        json.WriteRawValue(source, skipInputValidation: true);
        if (isResource)
        {
            WriteLabels(json, document);
            json.WriteNumber("version", document.Version);
            json.WriteString("created_at", Rfc3339.Format(document.CreatedAt));
            json.WriteString("updated_at", Rfc3339.Format(document.UpdatedAt));
        }
        else
        {
            json.WriteString("time", Rfc3339.Format(document.UpdatedAt));
        }

        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, SearchDocument document)
    {
        json.WriteStartObject("labels");
        foreach (var (name, value) in document.Labels)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }
}
