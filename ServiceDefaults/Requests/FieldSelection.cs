using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary><c>fields=a,b</c>: only these fields of each object.</summary>
public static class FieldSelection
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The selected names; null for all. A name that the object does not have is a fault.</summary>
    public static (IReadOnlySet<string>? Fields, Problem? Problem) Read(HttpContext http, IReadOnlySet<string> known)
    {
        if (!http.Request.Query.TryGetValue("fields", out var text))
        {
            return (null, null);
        }

        var fields = text.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        var unknown = fields.FirstOrDefault(f => !known.Contains(f));
        return unknown is null && fields.Count > 0
            ? (fields, null)
            : (null, KnownProblems.Validation("fields", "unknown_field", $"'fields' can name {string.Join(", ", known)}."));
    }

    /// <summary>One object, UTF-8.</summary>
    public static byte[] Write(Action<Utf8JsonWriter, IReadOnlySet<string>?> write, IReadOnlySet<string>? fields)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            write(json, fields);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>These fields of a document, as they stand there.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> document, IReadOnlySet<string> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(document.Length);
        using (var parsed = JsonDocument.Parse(document))
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            foreach (var field in parsed.RootElement.EnumerateObject().Where(f => fields.Contains(f.Name)))
            {
                json.WritePropertyName(field.Name);
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(field.Value), skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A list answer: <c>{"data": [...], "next_cursor": "...", "has_more": true}</c>.</summary>
    /// <param name="items">One more than asked for, where there are more.</param>
    /// <param name="limit">How many were asked for.</param>
    /// <param name="write">Writes an item.</param>
    /// <param name="cursor">The cursor after an item.</param>
    public static JsonAnswer List<T>(IReadOnlyList<T> items, int limit, Action<T, Utf8JsonWriter> write, Func<T, string> cursor)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteStartArray("data");
            foreach (var item in items.Take(limit))
            {
                write(item, json);
            }

            json.WriteEndArray();
            var more = items.Count > limit;
            json.WriteString("next_cursor", more ? cursor(items[limit - 1]) : null);
            json.WriteBoolean("has_more", more);
            json.WriteEndObject();
        }

        return JsonAnswer.Ok(buffer.WrittenSpan.ToArray());
    }
}
