namespace Platform.Processing.Templates;

/// <summary>What a template or a condition refers to: <c>input.a.b</c>, <c>steps.name.result.0.id</c>, <c>event.data.id</c>.</summary>
/// <param name="Path">What follows the root: names of fields and numbers of items.</param>
internal sealed record Reference(string Root, IReadOnlyList<string> Path)
{
    private const int MaxLength = 512;

    /// <summary>Reads a reference; otherwise says what is wrong with it.</summary>
    public static (Reference? Reference, string? Fault) Parse(string text, Dialect dialect)
    {
        var parts = text.Split('.');
        if (text.Length > MaxLength || parts.Any(p => p.Length == 0 || p.Any(c => char.IsWhiteSpace(c) || c is '{' or '}')))
        {
            return (null, $"'{text}' is no reference: names with dots between them. {dialect.Hint}");
        }

        var reference = new Reference(parts[0], parts[1..]);
        return dialect.Allows(reference) ? (reference, null) : (null, $"'{text}' is no reference. {dialect.Hint}");
    }

    public override string ToString() => string.Join('.', [Root, .. Path]);
}
