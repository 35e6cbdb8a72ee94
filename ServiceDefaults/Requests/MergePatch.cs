using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.ServiceDefaults.Requests;

/// <summary>JSON merge patch, RFC 7396.</summary>
public static class MergePatch
{
    /// <summary>The target with the patch applied; a target that is no object counts as an empty one.</summary>
    public static byte[] Apply(ReadOnlyMemory<byte> target, JsonElement patch)
    {
        using var document = JsonDocument.Parse(target);
        var buffer = new ArrayBufferWriter<byte>(target.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(json, document.RootElement, patch);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, JsonElement target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            patch.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        if (target.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in target.EnumerateObject())
            {
                if (!patch.TryGetProperty(property.Name, out var change))
                {
                    property.WriteTo(json);
                }
                else if (change.ValueKind != JsonValueKind.Null)
                {
                    json.WritePropertyName(property.Name);
                    Write(json, property.Value, change);
                }
            }
        }

        foreach (var addition in patch.EnumerateObject())
        {
            var known = target.ValueKind == JsonValueKind.Object && target.TryGetProperty(addition.Name, out _);
            if (!known && addition.Value.ValueKind != JsonValueKind.Null)
            {
                json.WritePropertyName(addition.Name);
                Write(json, default, addition.Value);
            }
        }

        json.WriteEndObject();
    }
}
