using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary>
/// A request's JSON body, read within the limits of the contract: 1 MiB, 32 levels, no duplicate names, an object at the root.
/// </summary>
public sealed class JsonBody : IDisposable
{
    /// <summary>Bytes that a JSON body may have.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Levels that JSON may be nested.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
    private readonly JsonDocument _document;

    private JsonBody(JsonDocument document)
    {
        _document = document;
        Fields = new(document.RootElement, "");
    }

    /// <summary>The root object's fields.</summary>
    public JsonFields Fields { get; }

    /// <summary>The whole body as parsed.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Reads the body, or says precisely what is wrong with it.</summary>
    /// <param name="mediaTypes">What is accepted; <c>application/json</c> when empty.</param>
    public static async ValueTask<(JsonBody? Body, Problem? Problem)> ReadAsync(HttpContext http, params string[] mediaTypes)
    {
        var accepted = mediaTypes.Length == 0 ? ["application/json"] : mediaTypes;
        if (!HasMediaType(http.Request.ContentType, accepted))
        {
            return (null, KnownProblems.UnsupportedMediaType(http.Request.ContentType, accepted[0]));
        }

        if (http.Request.ContentLength > MaxBytes)
        {
            return (null, KnownProblems.BodyTooLarge(MaxBytes));
        }

        var reader = http.Request.BodyReader;
        try
        {
            ReadResult read;
            while (true)
            {
                read = await reader.ReadAsync(http.RequestAborted);
                if (read.Buffer.Length > MaxBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return (null, KnownProblems.BodyTooLarge(MaxBytes));
                }

                if (read.IsCompleted)
                {
                    break;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }

            // The document keeps what it is given, and the pipe takes its buffers back: it needs its own copy.
            var bytes = read.Buffer.ToArray();
            reader.AdvanceTo(read.Buffer.End);
            return Parse(bytes);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, KnownProblems.BodyTooLarge(MaxBytes));
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, where the request may come without a body; then both are null.</summary>
    public static async ValueTask<(JsonBody? Body, Problem? Problem)> ReadOptionalAsync(HttpContext http) =>
        http.Request.ContentLength is null or 0 && http.Request.ContentType is null && !http.Request.Headers.ContainsKey("Transfer-Encoding")
            ? (null, null) : await ReadAsync(http);

    public void Dispose() => _document.Dispose();

    /// <summary>As <see cref="ReadAsync"/>, for a document that came another way.</summary>
    public static (JsonBody? Body, Problem? Problem) Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return (null, KnownProblems.BodyTooLarge(MaxBytes));
        }

        if (utf8.IsEmpty)
        {
            return (null, KnownProblems.MalformedJson("The body is empty."));
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, Strict);
        }
        catch (JsonException e)
        {
            return (null, IsTooDeep(utf8.Span) ? KnownProblems.TooDeep(MaxDepth) : KnownProblems.MalformedJson(Describe(e)));
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            return (null, KnownProblems.Validation("", "wrong_type", "The body must be a JSON object."));
        }

        if (StorableText.FindFault(document.RootElement) is { } fault)
        {
            document.Dispose();
            return (null, KnownProblems.Validation([fault]));
        }

        return (new(document), null);
    }

    private static string Describe(JsonException e) =>
        e.LineNumber is { } line && e.BytePositionInLine is { } column
            ? $"Not valid JSON at line {line + 1}, byte {column + 1}."
            : e.Message.Contains("uplicate", StringComparison.Ordinal) ? "A field appears twice in one object." : "Not valid JSON.";

    /// <summary>On the error path only: did the body go deeper than allowed before anything else was wrong with it?</summary>
    private static bool IsTooDeep(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1_000_000 });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= MaxDepth && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    private static bool HasMediaType(string? contentType, string[] accepted)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return false;
        }

        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (end < 0 ? contentType.AsSpan() : contentType.AsSpan(0, end)).Trim();
        foreach (var candidate in accepted)
        {
            if (type.Equals(candidate, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
