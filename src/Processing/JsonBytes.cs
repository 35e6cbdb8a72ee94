using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.Processing;

/// <summary>JSON as UTF-8 bytes, without white space.</summary>
internal static class JsonBytes
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Compact(JsonElement element) => Write(element.WriteTo);

    /// <summary>A property whose value is JSON already; null when there is none.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, string name, ReadOnlyMemory<byte>? value)
    {
        json.WritePropertyName(name);
        if (value is { IsEmpty: false } bytes)
        {
            json.WriteRawValue(bytes.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
