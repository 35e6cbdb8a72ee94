using System.Text.Json;
using System.Text.RegularExpressions;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>Strings: length in characters, not in bytes or UTF-16 units; pattern; format, which is asserted.</summary>
internal sealed partial class SchemaCompiler
{
    private const int MaxPatterns = 200;
    private int _patterns;

    private bool AddText(SchemaNode node, string name, JsonElement value, string pointer)
    {
        switch (name)
        {
            case "minLength" when Count(value, pointer) is { } min:
                AddTextRule(node, text => text.Length >= min && Length(text) >= min, "invalid_length", $"This must have at least {min} characters.");
                return true;
            case "maxLength" when Count(value, pointer) is { } max:
                AddTextRule(node, text => text.Length <= max || Length(text) <= max, "invalid_length", $"This may have {max} characters.");
                return true;
            case "pattern":
                if (Pattern(value, pointer) is { } pattern)
                {
                    AddTextRule(node, text => IsMatch(pattern, text), "invalid_format", $"This must match {value.GetString()}");
                }

                return true;
            case "format":
                if (value.ValueKind == JsonValueKind.String && Formats.ByName.TryGetValue(value.GetString()!, out var isOfFormat))
                {
                    AddTextRule(node, isOfFormat, "invalid_format", $"This must be of format {value.GetString()}.");
                }
                else
                {
                    Fault(pointer, "unknown_format", $"'format' is one of {string.Join(", ", Formats.ByName.Keys.Order(StringComparer.Ordinal))}.");
                }

                return true;
            default:
                return name is "minLength" or "maxLength";
        }
    }

    private static void AddTextRule(SchemaNode node, Func<string, bool> holds, string code, string detail) =>
        node.Add((value, place, validation) =>
            value.ValueKind != JsonValueKind.String || holds(value.GetString()!) || validation.Fault(place, code, detail));

    private static int Length(string text)
    {
        var length = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            length++;
        }

        return length;
    }

    private Regex? Pattern(JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fault(pointer, "wrong_type", "A pattern is a string.");
            return null;
        }

        return Pattern(value.GetString()!, pointer);
    }

    private Regex? Pattern(string pattern, string pointer)
    {
        if (++_patterns > MaxPatterns)
        {
            Fault(pointer, "too_many", $"A schema may hold {MaxPatterns} patterns.");
            return null;
        }

        var (regex, fault) = EcmaPattern.Compile(pattern);
        if (regex is null)
        {
            Fault(pointer, "invalid_pattern", fault!);
        }

        return regex;
    }

    /// <summary>Matching is linear in the text; a text that takes longer all the same ends the validation.</summary>
    private static bool IsMatch(Regex regex, string text)
    {
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new TooMuchWorkException();
        }
    }
}
