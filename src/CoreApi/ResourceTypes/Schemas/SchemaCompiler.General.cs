using System.Text.Json;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>type, enum and const; and the numbers.</summary>
internal sealed partial class SchemaCompiler
{
    private static readonly string[] TypeNames = ["null", "boolean", "object", "array", "number", "string", "integer"];

    private bool AddGeneral(SchemaNode node, string name, JsonElement value, string pointer)
    {
        switch (name)
        {
            case "type":
                AddType(node, value, pointer);
                return true;
            case "const":
                AddValues(node, [value], value.GetRawText());
                return true;
            case "enum":
                if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
                {
                    AddValues(node, [.. value.EnumerateArray()], value.GetRawText());
                }
                else
                {
                    Fault(pointer, "wrong_type", "'enum' takes a list of values that is not empty.");
                }

                return true;
            default:
                return false;
        }
    }

    private void AddType(SchemaNode node, JsonElement value, string pointer)
    {
        var types = value.ValueKind == JsonValueKind.String ? [value.GetString()!] : Names(value, pointer);
        if (types is null)
        {
            return;
        }

        if (types.Length == 0 || types.Except(TypeNames, StringComparer.Ordinal).Any())
        {
            Fault(pointer, "invalid_value", $"'type' is one or several of {string.Join(", ", TypeNames)}.");
            return;
        }

        var expected = string.Join(" or ", types);
        node.Add((v, place, validation) =>
            Array.Exists(types, type => IsOfType(v, type)) || validation.Fault(place, "wrong_type", $"This must be of type {expected}."));
    }

    private static bool IsOfType(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Null => type == "null",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        _ => type == "number" || (type == "integer" && (value.TryGetInt64(out _) || JsonNumber.Of(value).IsInteger)),
    };

    private static void AddValues(SchemaNode node, IReadOnlyList<JsonElement> allowed, string text)
    {
        var canonical = allowed.Select(CanonicalJson.Of).ToHashSet(StringComparer.Ordinal);
        var shown = text.Length <= 200 ? text : text[..200] + "...";
        node.Add((v, place, validation) =>
            canonical.Contains(CanonicalJson.Of(v)) || validation.Fault(place, "invalid_value", $"This must be {(allowed.Count == 1 ? "" : "one of ")}{shown}."));
    }

    private bool AddNumeric(SchemaNode node, string name, JsonElement value, string pointer)
    {
        Func<JsonNumber, JsonNumber, bool>? holds = name switch
        {
            "minimum" => (v, limit) => v.Against(limit) >= 0,
            "maximum" => (v, limit) => v.Against(limit) <= 0,
            "exclusiveMinimum" => (v, limit) => v.Against(limit) > 0,
            "exclusiveMaximum" => (v, limit) => v.Against(limit) < 0,
            "multipleOf" => (v, divisor) => v.IsMultipleOf(divisor),
            _ => null,
        };
        if (holds is null)
        {
            return false;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            Fault(pointer, "wrong_type", $"'{name}' takes a number.");
            return true;
        }

        var operand = JsonNumber.Of(value);
        if (name == "multipleOf" && (operand.IsNegative || operand.IsZero || operand.Digits > 100))
        {
            Fault(pointer, "out_of_range", "'multipleOf' takes a number above 0 of up to 100 digits.");
            return true;
        }

        var said = name switch
        {
            "minimum" => "at least", "maximum" => "at most", "exclusiveMinimum" => "greater than", "exclusiveMaximum" => "less than", _ => "a multiple of",
        };
        var detail = $"This must be {said} {value.GetRawText()}.";
        node.Add((v, place, validation) => v.ValueKind != JsonValueKind.Number || holds(JsonNumber.Of(v), operand)
            || validation.Fault(place, "out_of_range", detail));
        return true;
    }
}
