using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>
/// What makes two requests the same: method, path, <c>If-Match</c> and the parsed body. White space, the order of fields and the
/// spelling of characters in the JSON text make no difference.
/// </summary>
public static class Fingerprint
{
    /// <summary>SHA-256 over the request's canonical form.</summary>
    public static byte[] Of(HttpContext http, JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Append(buffer, http.Request.Method);
        Append(buffer, http.Request.Path.Value ?? "");
        Append(buffer, http.Request.Headers.IfMatch.ToString());
        if (body.ValueKind != JsonValueKind.Undefined)
        {
            using var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true });
            Write(json, body);
        }

        return SHA256.HashData(buffer.WrittenSpan);
    }

    /// <summary>SHA-256 over a request whose body is already a digest, such as a file's.</summary>
    public static byte[] Of(HttpContext http, ReadOnlySpan<byte> digest)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        Append(buffer, http.Request.Method);
        Append(buffer, http.Request.Path.Value ?? "");
        buffer.Write(digest);
        return SHA256.HashData(buffer.WrittenSpan);
    }

    internal static void Write(Utf8JsonWriter json, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(property.Name);
                    Write(json, property.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(element.GetString());
                break;
            case JsonValueKind.Number when element.TryGetInt64(out var whole):
                json.WriteNumberValue(whole);
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }

    private static void Append(ArrayBufferWriter<byte> buffer, string text)
    {
        Encoding.UTF8.GetBytes(text, buffer);
        buffer.Write("\n"u8);
    }
}
