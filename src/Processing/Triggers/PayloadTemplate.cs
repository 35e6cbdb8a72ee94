using System.Text;
using System.Text.Json;

namespace Platform.Processing.Triggers;

/// <summary>
/// <c>{{event.subject}}</c> in the strings of a payload: a string that is one template and nothing else becomes the value, whatever its kind; in other
/// strings the value is text. What the event does not have is null, or no text.
/// </summary>
internal static class PayloadTemplate
{
    private const string Open = "{{";
    private const string Close = "}}";
    private const int MaxSteps = 16;
    private static readonly string[] Fields = ["id", "type", "subject", "time", "data"];

    /// <summary>True where any string has a template.</summary>
    public static bool IsIn(JsonElement payload) => Find(payload) is { Places.Count: > 0 };

    /// <summary>The places (JSON pointers) of strings with templates, and what is wrong with any.</summary>
    public static (IReadOnlyList<string> Places, IReadOnlyList<(string Pointer, string Fault)> Faults) Find(JsonElement payload)
    {
        var (places, faults) = (new List<string>(), new List<(string, string)>());
        Visit(payload, "", (pointer, text) =>
        {
            places.Add(pointer);
            if (FaultOf(text) is { } fault)
            {
                faults.Add((pointer, fault));
            }
        });
        return (places, faults);
    }

    /// <summary>The payload with the values of an event.</summary>
    /// <param name="root">An object with the field <c>event</c>.</param>
    /// <param name="max">Bytes that it may have.</param>
    /// <returns>Null when it would have more.</returns>
    public static byte[]? Render(JsonElement payload, JsonElement root, int max)
    {
        var isTooLarge = false;
        var rendered = JsonBytes.Write(json => isTooLarge = !TryWrite(json, payload, root, max));
        return isTooLarge || rendered.Length > max ? null : rendered;
    }

    private static bool TryWrite(Utf8JsonWriter json, JsonElement value, JsonElement root, int max)
    {
        if (json.BytesCommitted + json.BytesPending > max)
        {
            return false;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    if (!TryWrite(json, property.Value, root, max))
                    {
                        return false;
                    }
                }

                json.WriteEndObject();
                return true;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    if (!TryWrite(json, item, root, max))
                    {
                        return false;
                    }
                }

                json.WriteEndArray();
                return true;
            case JsonValueKind.String when value.GetString()!.Contains(Open, StringComparison.Ordinal):
                return TryWriteText(json, value.GetString()!, root, max);
            default:
                value.WriteTo(json);
                return true;
        }
    }

    private static bool TryWriteText(Utf8JsonWriter json, string text, JsonElement root, int max)
    {
        if (text.StartsWith(Open, StringComparison.Ordinal) && text.IndexOf(Close, StringComparison.Ordinal) == text.Length - Close.Length)
        {
            if (Get(root, text[Open.Length..^Close.Length]) is { ValueKind: not JsonValueKind.Undefined } value)
            {
                value.WriteTo(json);
            }
            else
            {
                json.WriteNullValue();
            }

            return true;
        }

        var filled = new StringBuilder();
        var at = 0;
        for (var open = text.IndexOf(Open, StringComparison.Ordinal); open >= 0; open = text.IndexOf(Open, at, StringComparison.Ordinal))
        {
            var close = text.IndexOf(Close, open, StringComparison.Ordinal);
            filled.Append(text, at, open - at).Append(AsText(Get(root, text[(open + Open.Length)..close])));
            at = close + Close.Length;
            if (filled.Length > max)
            {
                return false;
            }
        }

        json.WriteStringValue(filled.Append(text, at, text.Length - at).ToString());
        return true;
    }

    private static JsonElement Get(JsonElement value, string path)
    {
        foreach (var step in path.Trim().Split('.'))
        {
            value = value.ValueKind switch
            {
                JsonValueKind.Object when value.TryGetProperty(step, out var property) => property,
                JsonValueKind.Array when int.TryParse(step, out var index) && index >= 0 && index < value.GetArrayLength() => value[index],
                _ => default,
            };
        }

        return value;
    }

    private static string AsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => Encoding.UTF8.GetString(JsonBytes.Compact(value)),
    };

    private static string? FaultOf(string text)
    {
        for (var at = text.IndexOf(Open, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Open, at, StringComparison.Ordinal))
        {
            var close = text.IndexOf(Close, at, StringComparison.Ordinal);
            if (close < 0)
            {
                return "A template that begins with {{ must end with }}.";
            }

            var path = text[(at + Open.Length)..close].Trim();
            var steps = path.Split('.');
            if (steps.Length < 2 || steps[0] != "event" || !Fields.Contains(steps[1]) || (steps.Length > 2 && steps[1] != "data")
                || steps.Length > MaxSteps || steps.Any(s => s.Length == 0 || s.Any(c => char.IsWhiteSpace(c) || c is '{' or '}')))
            {
                return $"'{path}' names nothing of an event: there are event.{string.Join(", event.", Fields)} and what is in event.data, such as event.data.labels.env.";
            }

            at = close + Close.Length;
        }

        return null;
    }

    private static void Visit(JsonElement value, string pointer, Action<string, string> visit)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Visit(property.Value, $"{pointer}/{property.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", visit);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Visit(item, $"{pointer}/{index++}", visit);
                }

                break;
            case JsonValueKind.String when value.GetString()!.Contains(Open, StringComparison.Ordinal):
                visit(pointer, value.GetString()!);
                break;
        }
    }
}
