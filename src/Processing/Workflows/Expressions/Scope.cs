using System.Globalization;
using System.Text.Json;

namespace Platform.Processing.Workflows.Expressions;

/// <summary>What references can find.</summary>
internal sealed class Scope
{
    private readonly Dictionary<string, JsonElement> _roots = new(StringComparer.Ordinal);
    private readonly Func<string, string, JsonElement?>? _steps;

    /// <param name="steps">Given a step's name and result, state or error: the value; undefined where there is none, null where it is not known yet.</param>
    public Scope(JsonElement input, string workflowId, string? workflowName, Func<string, string, JsonElement?>? steps)
    {
        _roots["input"] = input;
        _roots["workflow"] = JsonSerializer.SerializeToElement(new Dictionary<string, string?>(StringComparer.Ordinal) { ["id"] = workflowId, ["name"] = workflowName });
        _steps = steps;
    }

    private Scope(Scope outer)
    {
        _roots = new(outer._roots, StringComparer.Ordinal);
        _steps = outer._steps;
    }

    /// <summary>The same within one turn of a <c>for_each</c>.</summary>
    public Scope WithItem(JsonElement item, int index) => new(this)
    {
        _roots = { ["item"] = item, ["index"] = JsonSerializer.SerializeToElement(index) },
    };

    /// <summary>The value; undefined where there is none; null where it is not known yet, which is only so before the workflow runs.</summary>
    public JsonElement? Find(Reference reference)
    {
        JsonElement value;
        switch (reference.Root)
        {
            case "steps":
                if (_steps?.Invoke(reference.Step!, reference.Field!) is not { } known)
                {
                    return null;
                }

                value = known;
                break;
            case "workflow":
                return _roots["workflow"].GetProperty(reference.Field!);
            default:
                if (!_roots.TryGetValue(reference.Root, out value))
                {
                    return null;
                }

                break;
        }

        foreach (var name in reference.Path)
        {
            value = Child(value, name);
        }

        return value;
    }

    private static JsonElement Child(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty(name, out var field) ? field : default,
        JsonValueKind.Array => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength() ? value[index] : default,
        _ => default,
    };
}
