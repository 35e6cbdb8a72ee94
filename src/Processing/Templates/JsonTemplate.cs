using System.Text.Json;

namespace Platform.Processing.Templates;

/// <summary>JSON whose texts, names of fields excepted, are templates.</summary>
internal static class JsonTemplate
{
    /// <summary>Less than what readers of JSON take by default: it will stand within something.</summary>
    private const int MaxDepth = 60;

    /// <summary>True where any text has something to read in it.</summary>
    public static bool IsIn(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => Template.IsIn(json),
        JsonValueKind.Object => json.EnumerateObject().Any(p => IsIn(p.Value)),
        JsonValueKind.Array => json.EnumerateArray().Any(IsIn),
        _ => false,
    };

    /// <summary>Every template in it, with its pointer; a fault where one cannot be read.</summary>
    public static IEnumerable<(string Pointer, Template? Template, string? Fault)> Find(JsonElement json, Dialect dialect, string pointer = "")
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String when Template.IsIn(json):
                var (template, fault) = Template.Parse(json.GetString()!, dialect);
                return [(pointer, template, fault)];
            case JsonValueKind.Object:
                return json.EnumerateObject().SelectMany(p => Find(p.Value, dialect, $"{pointer}/{Escape(p.Name)}"));
            case JsonValueKind.Array:
                return json.EnumerateArray().SelectMany((item, index) => Find(item, dialect, $"{pointer}/{index}"));
            default:
                return [];
        }
    }

    /// <summary>The JSON with every reference replaced by what it finds.</summary>
    /// <param name="max">Bytes that it may have.</param>
    public static Rendered Render(JsonElement json, Scope scope, Dialect dialect, int max)
    {
        var rendering = new Rendering(scope, dialect, max);
        var bytes = JsonBytes.Write(writer => rendering.Write(writer, json, ""));
        if (rendering.IsTooLarge || bytes.Length > max)
        {
            return Rendered.Failed($"It has more than {max} bytes (too_large).");
        }

        try
        {
            return new(bytes, JsonElement.Parse(bytes, new() { MaxDepth = MaxDepth }), rendering.Faults, rendering.Open);
        }
        catch (JsonException)
        {
            // A value that is deep itself, deep within.
            return Rendered.Failed("It is nested too deeply.");
        }
    }

    internal static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

/// <summary>What became of JSON with templates.</summary>
/// <param name="Json">UTF-8; to be used only where there are no faults.</param>
/// <param name="Value">The same, read.</param>
/// <param name="Faults">What is missing or wrong, and where.</param>
/// <param name="Open">Pointers of texts left as they are, because what they refer to is not known yet.</param>
internal sealed record Rendered(byte[] Json, JsonElement Value, IReadOnlyList<(string Pointer, string Detail)> Faults, IReadOnlyList<string> Open)
{
    public bool IsWhole => Faults.Count == 0 && Open.Count == 0;

    /// <summary>All that is wrong, in one sentence.</summary>
    public string Fault => string.Join(" ", Faults.Select(f => $"{(f.Pointer.Length == 0 ? "" : f.Pointer + ": ")}{f.Detail}"));

    public static Rendered Failed(string fault) => new([], default, [("", fault)], []);
}
