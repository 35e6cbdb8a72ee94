namespace Platform.Processing.Workflows.Expressions;

/// <summary>What a template or a condition refers to: <c>input.a.b</c>, <c>steps.name.result.0.id</c>, <c>item.id</c>.</summary>
/// <param name="Root">input, steps, item, index or workflow.</param>
/// <param name="Step">The step's name; null but for steps.</param>
/// <param name="Field">Of a step: result, state or error; of the workflow: id or name.</param>
/// <param name="Path">Names of fields and numbers of items from there on.</param>
internal sealed record Reference(string Root, string? Step, string? Field, IReadOnlyList<string> Path)
{
    private const int MaxLength = 512;
    private static readonly string[] StepFields = ["result", "state", "error"];
    private static readonly string[] WorkflowFields = ["id", "name"];

    /// <summary>Reads a reference; otherwise says what is wrong with it.</summary>
    public static (Reference? Reference, string? Fault) Parse(string text)
    {
        var parts = text.Split('.');
        if (text.Length > MaxLength || parts.Any(p => p.Length == 0 || p.Any(c => char.IsWhiteSpace(c) || c is '{' or '}')))
        {
            return (null, $"'{text}' is no reference: names with dots between them, such as steps.fetch.result.id.");
        }

        return parts[0] switch
        {
            "input" or "item" => (new(parts[0], null, null, parts[1..]), null),
            "index" when parts.Length == 1 => (new("index", null, null, []), null),
            "workflow" when parts.Length == 2 && WorkflowFields.Contains(parts[1]) => (new("workflow", null, parts[1], []), null),
            "steps" when parts.Length >= 3 && StepFields.Contains(parts[2]) && (parts[2] == "result" || parts.Length == 3) =>
                (new("steps", parts[1], parts[2], parts[3..]), null),
            _ => (null, $"'{text}' is no reference: it begins with input, steps.<name>.result, steps.<name>.state, steps.<name>.error, item, index, workflow.id or workflow.name."),
        };
    }

    public override string ToString() =>
        string.Join('.', ((string?[])[Root, Step, Field, .. Path]).OfType<string>());
}
