using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files;

/// <summary>A file without its content. Its document is at once the API's answer and the data of its events.</summary>
/// <param name="ObjectKey">Where the content is; never shown.</param>
/// <param name="Sha256">Of the content, 32 bytes.</param>
/// <param name="Labels">A flat JSON object of strings in UTF-8.</param>
internal sealed record StoredFile(
    Guid Id, Guid ObjectKey, string Name, string ContentType, long Size, byte[] Sha256, ReadOnlyMemory<byte> Labels, DateTimeOffset CreatedAt)
{
    public const string Source = "core";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary><c>file_...</c></summary>
    public string PublicId { get; } = TypeId.Format(IdPrefix.File, Id);

    /// <summary>The path of its content.</summary>
    public string Location => "/v1/files/" + PublicId;

    /// <summary>A strong tag: the content's SHA-256 in quotes.</summary>
    public string EntityTag => $"\"{Convert.ToHexStringLower(Sha256)}\"";

    /// <summary>The document, UTF-8.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", PublicId);
        json.WriteString("name", Name);
        json.WriteString("content_type", ContentType);
        json.WriteNumber("size", Size);
        json.WriteString("sha256", Convert.ToHexStringLower(Sha256));
        json.WritePropertyName("labels");
        json.WriteRawValue(Labels.Span, skipInputValidation: true);
        json.WriteString("created_at", Rfc3339.Format(CreatedAt));
        json.WriteEndObject();
    }
}
