using System.Text.Json;
using Platform.Processing.Templates;

namespace Platform.Processing.Workflows.Expressions;

/// <summary>What templates and conditions of a workflow can refer to.</summary>
internal static class WorkflowReferences
{
    private static readonly string[] StepFields = ["result", "state", "error"];
    private static readonly string[] WorkflowFields = ["id", "name"];

    public static Dialect Dialect { get; } = new(
        reference => reference switch
        {
            { Root: "input" or "item" } or { Root: "index", Path: [] } => true,
            { Root: "workflow", Path: [var field] } => WorkflowFields.Contains(field),
            { Root: "steps", Path: [_, var field, ..] path } => StepFields.Contains(field) && (field == "result" || path.Count == 2),
            _ => false,
        },
        "One begins with input, steps.<name>.result, steps.<name>.state, steps.<name>.error, item, index, workflow.id or workflow.name.");

    /// <summary>The step that it reads; null for none.</summary>
    public static string? StepOf(Reference reference) => reference.Root == "steps" ? reference.Path[0] : null;

    /// <param name="id">Null where it is not known yet.</param>
    /// <param name="steps">Given a step's name and result, state or error: the value; undefined where there is none. Null before the workflow runs.</param>
    public static Scope ScopeOf(Func<IReadOnlyList<string>, JsonElement?> input, string? id, string? name, Func<string, string, JsonElement>? steps) =>
        Scope.Empty
            .With("input", input)
            .With("workflow", path => path[0] == "name" ? JsonSerializer.SerializeToElement(name) : id is null ? null : JsonSerializer.SerializeToElement(id))
            .With("steps", path => steps is null ? null : Scope.Walk(steps(path[0], path[1]), path.Skip(2)));

    /// <summary>As above, of an input that is known.</summary>
    public static Scope ScopeOf(JsonElement input, string? id, string? name, Func<string, string, JsonElement>? steps) =>
        ScopeOf(path => Scope.Walk(input, path), id, name, steps);

    /// <summary>The same within one turn of a <c>for_each</c>.</summary>
    public static Scope WithItem(this Scope scope, JsonElement item, int index) =>
        scope.With("item", item).With("index", JsonSerializer.SerializeToElement(index));
}
