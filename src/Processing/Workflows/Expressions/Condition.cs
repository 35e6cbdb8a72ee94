using System.Text.Json;
using Platform.Processing.Templates;

namespace Platform.Processing.Workflows.Expressions;

/// <summary>
/// When a step runs: <c>{"ref": "...", "op": "eq", "value": ...}</c>, or <c>and</c>, <c>or</c>, <c>not</c> of such. Lists are read from the left and no
/// further than needed, so that <c>exists</c> can stand guard for what follows it.
/// </summary>
internal abstract record Condition
{
    private const int MaxDepth = 8;
    private const int MaxItems = 20;
    private static readonly string[] Operators = ["eq", "ne", "gt", "ge", "lt", "le", "exists"];

    public abstract IEnumerable<(string Pointer, Reference Reference)> References(string pointer);

    /// <summary>True or false; a fault where it has no answer: what it refers to is not there, or two values have no order.</summary>
    public abstract (bool Holds, string? Fault) Evaluate(Scope scope);

    public static Condition? Read(JsonElement json, string pointer, Action<string, string, string> fault, int depth = 0)
    {
        if (json.ValueKind != JsonValueKind.Object || depth >= MaxDepth)
        {
            fault(pointer, json.ValueKind == JsonValueKind.Object ? "too_deep" : "wrong_type",
                depth >= MaxDepth ? $"A condition may be nested {MaxDepth} levels deep." : "A condition is an object: {ref, op, value}, {and}, {or} or {not}.");
            return null;
        }

        string[] names = [.. json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];
        switch (names)
        {
            case ["and"] or ["or"]:
                return ReadAll(json.GetProperty(names[0]), names[0] == "and", $"{pointer}/{names[0]}", fault, depth);
            case ["not"]:
                return Read(json.GetProperty("not"), pointer + "/not", fault, depth + 1) is { } inner ? new Not(inner) : null;
            case ["op", "ref"] or ["op", "ref", "value"]:
                return ReadComparison(json, pointer, fault);
            default:
                fault(pointer, "invalid_condition", "A condition has 'ref', 'op' and (but for 'exists') 'value', or exactly one of 'and', 'or' and 'not'.");
                return null;
        }
    }

    private static All? ReadAll(JsonElement list, bool isAnd, string pointer, Action<string, string, string> fault, int depth)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxItems)
        {
            fault(pointer, "invalid_condition", $"'and' and 'or' have a list of 1 to {MaxItems} conditions.");
            return null;
        }

        var items = list.EnumerateArray().Select((item, i) => Read(item, $"{pointer}/{i}", fault, depth + 1)).ToArray();
        return items.All(i => i is not null) ? new(items!, isAnd) : null;
    }

    private static Comparison? ReadComparison(JsonElement json, string pointer, Action<string, string, string> fault)
    {
        var op = json.GetProperty("op") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : "";
        if (!Operators.Contains(op))
        {
            fault(pointer + "/op", "invalid_value", $"'op' is one of {string.Join(", ", Operators)}.");
        }

        var (reference, wrong) = json.GetProperty("ref") is { ValueKind: JsonValueKind.String } text ? Reference.Parse(text.GetString()!, WorkflowReferences.Dialect) : (null, "'ref' must be a string.");
        if (wrong is not null)
        {
            fault(pointer + "/ref", "invalid_reference", wrong);
        }

        var hasValue = json.TryGetProperty("value", out var value);
        if (Operators.Contains(op) && hasValue == (op == "exists"))
        {
            fault(pointer + "/value", hasValue ? "invalid_condition" : "required", hasValue ? "'exists' has no 'value'." : $"'{op}' needs a 'value'.");
        }
        else if (op is "gt" or "ge" or "lt" or "le" && value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
        {
            fault(pointer + "/value", "wrong_type", $"'{op}' compares numbers or strings.");
        }

        return reference is null ? null : new(reference, op, value);
    }

    private sealed record All(IReadOnlyList<Condition> Items, bool IsAnd) : Condition
    {
        public override IEnumerable<(string Pointer, Reference Reference)> References(string pointer) =>
            Items.SelectMany((item, i) => item.References($"{pointer}/{(IsAnd ? "and" : "or")}/{i}"));

        public override (bool Holds, string? Fault) Evaluate(Scope scope)
        {
            foreach (var item in Items)
            {
                var (holds, fault) = item.Evaluate(scope);
                if (fault is not null || holds != IsAnd)
                {
                    return (holds, fault);
                }
            }

            return (IsAnd, null);
        }
    }

    private sealed record Not(Condition Inner) : Condition
    {
        public override IEnumerable<(string Pointer, Reference Reference)> References(string pointer) => Inner.References(pointer + "/not");

        public override (bool Holds, string? Fault) Evaluate(Scope scope)
        {
            var (holds, fault) = Inner.Evaluate(scope);
            return (!holds, fault);
        }
    }

    private sealed record Comparison(Reference Reference, string Operator, JsonElement Value) : Condition
    {
        public override IEnumerable<(string Pointer, Reference Reference)> References(string pointer) => [(pointer + "/ref", Reference)];

        public override (bool Holds, string? Fault) Evaluate(Scope scope)
        {
            var found = scope.Find(Reference) ?? default;
            if (Operator == "exists")
            {
                return (found.ValueKind != JsonValueKind.Undefined, null);
            }

            if (found.ValueKind == JsonValueKind.Undefined)
            {
                return (false, $"'{Reference}' is not there.");
            }

            if (Operator is "eq" or "ne")
            {
                return (JsonElement.DeepEquals(found, Value) == (Operator == "eq"), null);
            }

            return Order(found, Value) is { } order
                ? (Operator switch { "gt" => order > 0, "ge" => order >= 0, "lt" => order < 0, _ => order <= 0 }, null)
                : (false, $"'{Reference}' cannot be compared with a {Value.ValueKind.ToString().ToLowerInvariant()} by '{Operator}'.");
        }

        private static int? Order(JsonElement left, JsonElement right) => (left.ValueKind, right.ValueKind) switch
        {
            (JsonValueKind.Number, JsonValueKind.Number) => left.TryGetDecimal(out var a) && right.TryGetDecimal(out var b) ? a.CompareTo(b) : left.GetDouble().CompareTo(right.GetDouble()),
            (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.GetString(), right.GetString()),
            _ => null,
        };
    }
}
