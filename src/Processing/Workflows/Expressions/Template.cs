using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.Processing.Workflows.Expressions;

/// <summary>
/// A text with references in it: <c>{{input.name}}</c>. A text that is exactly one reference stands for the value that it finds, whatever its type;
/// otherwise values are put into the text. A backslash before the braces leaves them as they are.
/// </summary>
internal sealed record Template(IReadOnlyList<TemplatePart> Parts)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The reference where the text is exactly one.</summary>
    public Reference? Whole => Parts is [{ Reference: { } only }] ? only : null;

    public IEnumerable<Reference> References => Parts.Select(p => p.Reference).OfType<Reference>();

    /// <summary>True for a text that has anything to read in it.</summary>
    public static bool Mentions(string text) => text.Contains("{{", StringComparison.Ordinal);

    public static (Template? Template, string? Fault) Parse(string text)
    {
        var parts = new List<TemplatePart>();
        var literal = new System.Text.StringBuilder();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
            {
                literal.Append(text, at, text.Length - at);
                break;
            }

            if (open > at && text[open - 1] == '\\')
            {
                literal.Append(text, at, open - 1 - at).Append("{{");
                at = open + 2;
                continue;
            }

            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
            {
                return (null, @"'{{' is not closed by '}}'; write '\{{' for the braces themselves.");
            }

            var (reference, fault) = Reference.Parse(text[(open + 2)..close].Trim());
            if (fault is not null)
            {
                return (null, fault);
            }

            literal.Append(text, at, open - at);
            if (literal.Length > 0)
            {
                parts.Add(new(literal.ToString(), null));
                literal.Clear();
            }

            parts.Add(new(null, reference));
            at = close + 2;
        }

        if (literal.Length > 0)
        {
            parts.Add(new(literal.ToString(), null));
        }

        return (new(parts), null);
    }

    /// <summary>A value as it stands within a text: strings as they are, anything else as JSON.</summary>
    public static string AsText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value, Relaxed);
}

/// <summary>Either a text or a reference.</summary>
internal sealed record TemplatePart(string? Text, Reference? Reference);
