using System.Text;
using System.Text.Json;

namespace Platform.Processing.Templates;

/// <summary>Writes JSON with its templates filled in.</summary>
internal sealed class Rendering(Scope scope, Dialect dialect, int max)
{
    public List<(string Pointer, string Detail)> Faults { get; } = [];
    public List<string> Open { get; } = [];

    /// <summary>A short template may refer to a long value many times: what nobody may have is not gathered first.</summary>
    public bool IsTooLarge { get; private set; }

    public void Write(Utf8JsonWriter writer, JsonElement json, string pointer)
    {
        IsTooLarge |= writer.BytesCommitted + writer.BytesPending > max;
        if (IsTooLarge)
        {
            writer.WriteNullValue();
            return;
        }

        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in json.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, $"{pointer}/{JsonTemplate.Escape(property.Name)}");
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                var index = 0;
                foreach (var item in json.EnumerateArray())
                {
                    Write(writer, item, $"{pointer}/{index++}");
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when Template.IsIn(json):
                WriteText(writer, json, pointer);
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }

    private void WriteText(Utf8JsonWriter writer, JsonElement json, string pointer)
    {
        var (template, fault) = Template.Parse(json.GetString()!, dialect);
        if (template is null)
        {
            Faults.Add((pointer, fault!));
            writer.WriteNullValue();
            return;
        }

        var parts = template.Parts.Select(p => (Part: p, Value: p.Reference is { } reference ? scope.Find(reference) : default(JsonElement))).ToArray();
        var missing = dialect.MissingIsNull ? [] : parts.Where(p => p.Part.Reference is not null && p.Value is { ValueKind: JsonValueKind.Undefined }).ToArray();
        Faults.AddRange(missing.Select(m => (pointer, $"'{m.Part.Reference}' is not there.")));
        if (parts.Any(p => p.Value is null))
        {
            Open.Add(pointer);
            json.WriteTo(writer);
        }
        else if (missing.Length > 0 || (template.Whole is not null && parts[0].Value!.Value.ValueKind == JsonValueKind.Undefined))
        {
            writer.WriteNullValue();
        }
        else if (template.Whole is not null)
        {
            parts[0].Value!.Value.WriteTo(writer);
        }
        else
        {
            WriteConcatenated(writer, parts.Select(p => p.Part.Text ?? Template.AsText(p.Value!.Value, dialect.MissingIsNull)));
        }
    }

    private void WriteConcatenated(Utf8JsonWriter writer, IEnumerable<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (text.Length + part.Length > max)
            {
                IsTooLarge = true;
                break;
            }

            text.Append(part);
        }

        writer.WriteStringValue(text.ToString());
    }
}
