using System.Text;
using System.Text.Json;
using Platform.Processing.Types;

namespace Platform.Processing.Workflows.Expressions;

/// <summary>JSON whose texts, names of fields excepted, are templates.</summary>
internal static class JsonTemplate
{
    /// <summary>Every template in it, with its pointer; a fault where one cannot be read.</summary>
    public static IEnumerable<(string Pointer, Template? Template, string? Fault)> Find(JsonElement json, string pointer = "")
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String when Template.Mentions(json.GetString()!):
                var (template, fault) = Template.Parse(json.GetString()!);
                return [(pointer, template, fault)];
            case JsonValueKind.Object:
                return json.EnumerateObject().SelectMany(p => Find(p.Value, $"{pointer}/{Escape(p.Name)}"));
            case JsonValueKind.Array:
                return json.EnumerateArray().SelectMany((item, index) => Find(item, $"{pointer}/{index}"));
            default:
                return [];
        }
    }

    /// <summary>The JSON with every reference replaced by what it finds.</summary>
    /// <returns>Without <c>Json</c> where something is missing: <c>Faults</c> says what and where. <c>Open</c> are the pointers of texts left as they are, because what they refer to is not known yet.</returns>
    public static Rendered Render(JsonElement json, Scope scope)
    {
        var rendering = new Rendering(scope);
        var bytes = JsonBytes.Write(writer => rendering.Write(writer, json, ""));
        if (rendering.IsTooLarge)
        {
            rendering.Faults.Add(("", $"It has more than {JobTypes.MaxPayload} bytes."));
        }

        return new(rendering.Faults.Count == 0 ? bytes : null, rendering.Faults, rendering.Open);
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private sealed class Rendering(Scope scope)
    {
        public List<(string Pointer, string Detail)> Faults { get; } = [];
        public List<string> Open { get; } = [];

        /// <summary>A short payload may refer to a long value many times: what no job may have is not gathered first.</summary>
        public bool IsTooLarge { get; private set; }

        public void Write(Utf8JsonWriter writer, JsonElement json, string pointer)
        {
            IsTooLarge |= writer.BytesCommitted + writer.BytesPending > JobTypes.MaxPayload;
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
                        Write(writer, property.Value, $"{pointer}/{Escape(property.Name)}");
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
                case JsonValueKind.String when Template.Mentions(json.GetString()!):
                    WriteText(writer, json, pointer);
                    break;
                default:
                    json.WriteTo(writer);
                    break;
            }
        }

        private void WriteText(Utf8JsonWriter writer, JsonElement json, string pointer)
        {
            var (template, fault) = Template.Parse(json.GetString()!);
            if (template is null)
            {
                Faults.Add((pointer, fault!));
                writer.WriteNullValue();
                return;
            }

            var parts = template.Parts.Select(p => (Part: p, Value: p.Reference is { } reference ? scope.Find(reference) : default(JsonElement))).ToArray();
            foreach (var (missing, _) in parts.Where(p => p.Part.Reference is not null && p.Value is { ValueKind: JsonValueKind.Undefined }))
            {
                Faults.Add((pointer, $"'{missing.Reference}' is not there."));
            }

            if (parts.Any(p => p.Value is null))
            {
                Open.Add(pointer);
                json.WriteTo(writer);
            }
            else if (parts.Any(p => p.Part.Reference is not null && p.Value!.Value.ValueKind == JsonValueKind.Undefined))
            {
                writer.WriteNullValue();
            }
            else if (template.Whole is not null)
            {
                parts[0].Value!.Value.WriteTo(writer);
            }
            else
            {
                WriteConcatenated(writer, parts.Select(p => p.Part.Text ?? Template.AsText(p.Value!.Value)));
            }
        }

        private void WriteConcatenated(Utf8JsonWriter writer, IEnumerable<string> parts)
        {
            var text = new StringBuilder();
            foreach (var part in parts)
            {
                if (text.Length + part.Length > JobTypes.MaxPayload)
                {
                    IsTooLarge = true;
                    break;
                }

                text.Append(part);
            }

            writer.WriteStringValue(text.ToString());
        }
    }
}

/// <param name="Json">Null where something is missing.</param>
/// <param name="Open">Pointers of texts that could not be filled in yet.</param>
internal sealed record Rendered(byte[]? Json, IReadOnlyList<(string Pointer, string Detail)> Faults, IReadOnlyList<string> Open)
{
    /// <summary>All that is missing, in one sentence.</summary>
    public string Fault => string.Join(" ", Faults.Select(f => $"{(f.Pointer.Length == 0 ? "" : f.Pointer + ": ")}{f.Detail}"));
}
