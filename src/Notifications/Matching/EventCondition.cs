using System.Globalization;
using System.Text.Json;

namespace Platform.Notifications.Matching;

/// <summary>
/// Which events an endpoint wants, by what is in them: <c>{"ref": "data.total", "op": "ge", "value": 100}</c>, or <c>and</c>, <c>or</c>, <c>not</c> of
/// such; the form that conditions have everywhere. An event always has an answer: what is not there equals nothing and has no order.
/// </summary>
internal abstract record EventCondition
{
    public const int MaxDepth = 8;
    public const int MaxItems = 20;
    public const int MaxReference = 512;
    public static readonly IReadOnlyList<string> Operators = ["eq", "ne", "gt", "ge", "lt", "le", "exists"];

    /// <param name="data">The event's data.</param>
    public abstract bool Holds(string type, JsonElement data);

    /// <summary>Reads one, or says with pointers what is wrong with it.</summary>
    /// <param name="fault">Pointer, code and detail.</param>
    public static EventCondition? Read(JsonElement json, string pointer, Action<string, string, string> fault, int depth = 0)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            fault(pointer, "wrong_type", "A condition is an object: {ref, op, value}, {and}, {or} or {not}.");
            return null;
        }

        if (depth >= MaxDepth)
        {
            fault(pointer, "too_deep", $"A condition may be nested {MaxDepth} levels deep.");
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

        EventCondition?[] items = [.. list.EnumerateArray().Select((item, i) => Read(item, $"{pointer}/{i}", fault, depth + 1))];
        return Array.TrueForAll(items, i => i is not null) ? new(items!, isAnd) : null;
    }

    private static Comparison? ReadComparison(JsonElement json, string pointer, Action<string, string, string> fault)
    {
        var (op, reference) = (TextOf(json, "op"), TextOf(json, "ref"));
        string[] path = reference?.Split('.') ?? [];
        if (reference is null || reference.Length > MaxReference || Array.Exists(path, p => p.Length == 0)
            || !(path[0] == "data" || (path[0] == "type" && path.Length == 1)))
        {
            fault(pointer + "/ref", "invalid_reference", "'ref' is 'type', 'data', or names with dots between them that begin with it, such as data.labels.env.");
            path = [];
        }

        var hasValue = json.TryGetProperty("value", out var value);
        if (op is null || !Operators.Contains(op))
        {
            fault(pointer + "/op", "invalid_value", $"'op' is one of {string.Join(", ", Operators)}.");
            return null;
        }

        if (hasValue == (op == "exists"))
        {
            fault(pointer + "/value", hasValue ? "invalid_condition" : "required", hasValue ? "'exists' has no 'value'." : $"'{op}' needs a 'value'.");
            return null;
        }

        if (op is "gt" or "ge" or "lt" or "le" && value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
        {
            fault(pointer + "/value", "wrong_type", $"'{op}' compares numbers or strings.");
            return null;
        }

        // It outlives the document that it was read from.
        return path.Length == 0 ? null : new(path, op, hasValue ? value.Clone() : default);
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private sealed record All(IReadOnlyList<EventCondition> Items, bool IsAnd) : EventCondition
    {
        public override bool Holds(string type, JsonElement data) =>
            IsAnd ? Items.All(i => i.Holds(type, data)) : Items.Any(i => i.Holds(type, data));
    }

    private sealed record Not(EventCondition Inner) : EventCondition
    {
        public override bool Holds(string type, JsonElement data) => !Inner.Holds(type, data);
    }

    private sealed record Comparison(string[] Path, string Operator, JsonElement Value) : EventCondition
    {
        public override bool Holds(string type, JsonElement data)
        {
            if (Path[0] == "type")
            {
                return Operator == "exists" || (Value.ValueKind == JsonValueKind.String ? Judge(string.CompareOrdinal(type, Value.GetString())) : Operator == "ne");
            }

            var found = Find(data);
            return Operator switch
            {
                "exists" => found.ValueKind != JsonValueKind.Undefined,
                "eq" or "ne" => (found.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(found, Value)) == (Operator == "eq"),
                _ => Order(found, Value) is { } order && Judge(order),
            };
        }

        private bool Judge(int order) => Operator switch
        {
            "eq" => order == 0,
            "ne" => order != 0,
            "gt" => order > 0,
            "ge" => order >= 0,
            "lt" => order < 0,
            _ => order <= 0,
        };

        private JsonElement Find(JsonElement data)
        {
            var found = data;
            foreach (var part in Path.AsSpan(1))
            {
                found = found.ValueKind switch
                {
                    JsonValueKind.Object when found.TryGetProperty(part, out var field) => field,
                    JsonValueKind.Array when int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < found.GetArrayLength() => found[i],
                    _ => default,
                };
            }

            return found;
        }

        private static int? Order(JsonElement left, JsonElement right) => (left.ValueKind, right.ValueKind) switch
        {
            (JsonValueKind.Number, JsonValueKind.Number) =>
                left.TryGetDecimal(out var a) && right.TryGetDecimal(out var b) ? a.CompareTo(b) : left.GetDouble().CompareTo(right.GetDouble()),
            (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.GetString(), right.GetString()),
            _ => null,
        };
    }
}
