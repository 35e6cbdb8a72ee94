using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.Processing.Templates;

/// <summary>
/// A text with references in it: <c>{{input.name}}</c>. A text that is exactly one reference stands for the value that it finds, whatever its type;
/// otherwise values are put into the text. A backslash before the braces leaves them as they are.
/// </summary>
internal sealed record Template(IReadOnlyList<TemplatePart> Parts)
{
    private const string Open = "{{";
    private const string Close = "}}";
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The reference where the text is exactly one.</summary>
    public Reference? Whole => Parts is [{ Reference: { } only }] ? only : null;

    public IEnumerable<Reference> References => Parts.Select(p => p.Reference).OfType<Reference>();

    /// <summary>True for a text that has anything to read in it.</summary>
    public static bool IsIn(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString()!.Contains(Open, StringComparison.Ordinal);

    /// <summary>Reads a text; otherwise says what is wrong with it.</summary>
    public static (Template? Template, string? Fault) Parse(string text, Dialect dialect)
    {
        var parts = new List<TemplatePart>();
        var literal = new StringBuilder();
        var at = 0;
        for (var open = text.IndexOf(Open, StringComparison.Ordinal); open >= 0; open = text.IndexOf(Open, at, StringComparison.Ordinal))
        {
            if (open > at && text[open - 1] == '\\')
            {
                literal.Append(text, at, open - 1 - at).Append(Open);
                at = open + Open.Length;
                continue;
            }

            var close = text.IndexOf(Close, open, StringComparison.Ordinal);
            if (close < 0)
            {
                return (null, @"'{{' is not closed by '}}'; write '\{{' for the braces themselves.");
            }

            var (reference, fault) = Reference.Parse(text[(open + Open.Length)..close].Trim(), dialect);
            if (fault is not null)
            {
                return (null, fault);
            }

            AddText(literal.Append(text, at, open - at));
            parts.Add(new(null, reference));
            at = close + Close.Length;
        }

        AddText(literal.Append(text, at, text.Length - at));
        return (new(parts), null);

        void AddText(StringBuilder before)
        {
            if (before.Length > 0)
            {
                parts.Add(new(before.ToString(), null));
                before.Clear();
            }
        }
    }

    /// <summary>A value as it stands within a text: strings as they are, anything else as JSON.</summary>
    /// <param name="missingIsNull">And then null, or what is not there, is no text.</param>
    public static string AsText(JsonElement value, bool missingIsNull) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null or JsonValueKind.Undefined when missingIsNull => "",
        _ => JsonSerializer.Serialize(value, Relaxed),
    };
}

/// <summary>Either a text or a reference.</summary>
internal sealed record TemplatePart(string? Text, Reference? Reference);
