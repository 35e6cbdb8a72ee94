using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>A version of a resource. Its document is at once the API's answer and the data of its events.</summary>
/// <param name="Data">A JSON object in UTF-8; <c>null</c> after a deletion.</param>
/// <param name="Labels">A flat JSON object of strings in UTF-8.</param>
internal sealed record Resource(
    Guid Id, string Type, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Labels, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string Source = "core";

    /// <summary>What <c>fields=</c> can select.</summary>
    public static readonly IReadOnlySet<string> FieldNames =
        new HashSet<string>(["id", "type", "data", "labels", "version", "created_at", "updated_at"], StringComparer.Ordinal);

    /// <summary>What <c>fields=</c> can select in a list of deleted resources.</summary>
    public static readonly IReadOnlySet<string> DeletedFieldNames = FieldNames.Append("deleted_at").ToHashSet(StringComparer.Ordinal);

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary><c>res_...</c></summary>
    public string PublicId { get; } = TypeId.Format(IdPrefix.Resource, Id);

    /// <summary>When it was deleted; null while it lives. Shown in the list of deleted resources alone.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The path under which it is read.</summary>
    public string Location => "/v1/resources/" + PublicId;

    /// <summary>The document, UTF-8.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(Data.Length + Labels.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            WriteTo(json, fields: null);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the document, or only some of its fields.</summary>
    public void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        bool Wanted(string name) => fields is null || fields.Contains(name);

        json.WriteStartObject();
        if (Wanted("id"))
        {
            json.WriteString("id", PublicId);
        }

        if (Wanted("type"))
        {
            json.WriteString("type", Type);
        }

        if (Wanted("data"))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(Data.Span, skipInputValidation: true);
        }

        if (Wanted("labels"))
        {
            json.WritePropertyName("labels");
            json.WriteRawValue(Labels.Span, skipInputValidation: true);
        }

        if (Wanted("version"))
        {
            json.WriteNumber("version", Version);
        }

        if (Wanted("created_at"))
        {
            json.WriteString("created_at", Rfc3339.Format(CreatedAt));
        }

        if (Wanted("updated_at"))
        {
            json.WriteString("updated_at", Rfc3339.Format(UpdatedAt));
        }

        if (DeletedAt is { } deletedAt && Wanted("deleted_at"))
        {
            json.WriteString("deleted_at", Rfc3339.Format(deletedAt));
        }

        json.WriteEndObject();
    }

    /// <summary>A JSON value without white space, UTF-8.</summary>
    public static byte[] Compact(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            element.WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Labels as JSON, UTF-8, in the order of their names.</summary>
    public static byte[] LabelsJson(IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count == 0)
        {
            return "{}"u8.ToArray();
        }

        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            foreach (var (name, value) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
