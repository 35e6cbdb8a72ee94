using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>One text for each JSON value: equal values, whatever the order of fields and the spelling of numbers, have equal texts.</summary>
internal static class CanonicalJson
{
    public static string Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return "s" + value.GetString();
            case JsonValueKind.Number:
                return JsonNumber.Of(value).Canonical;
            case JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                return value.ValueKind.ToString();
            default:
                var text = new StringBuilder();
                Write(value, text);
                return text.ToString();
        }
    }

    private static void Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var field in value.EnumerateObject().OrderBy(f => f.Name, StringComparer.Ordinal))
                {
                    WriteText(field.Name, text);
                    Write(field.Value, text);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    Write(item, text);
                }

                text.Append(']');
                break;
            default:
                WriteText(Of(value), text);
                break;
        }
    }

    /// <summary>With its length before it, so that no text can look like the end of one and the start of another.</summary>
    private static void WriteText(string value, StringBuilder text) =>
        text.Append(value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value);
}
