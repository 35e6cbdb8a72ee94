using System.Text.Json;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>Arrays.</summary>
internal sealed partial class SchemaCompiler
{
    private bool AddArray(SchemaNode node, JsonElement schema, string name, JsonElement value, string parent)
    {
        var pointer = Append(parent, name);
        switch (name)
        {
            case "minItems" when Count(value, pointer) is { } min:
                AddArrayRule(node, v => v.GetArrayLength() >= min, "too_few", $"This must have at least {min} items.");
                return true;
            case "maxItems" when Count(value, pointer) is { } max:
                AddArrayRule(node, v => v.GetArrayLength() <= max, "too_many", $"This may have {max} items.");
                return true;
            case "minItems" or "maxItems":
                return true;
            case "uniqueItems":
                AddUnique(node, value, pointer);
                return true;
            case "prefixItems":
                AddItems(node, CompileList(value, pointer), rest: null, start: 0);
                return true;
            case "items":
                var start = schema.TryGetProperty("prefixItems", out var prefix) && prefix.ValueKind == JsonValueKind.Array ? prefix.GetArrayLength() : 0;
                AddItems(node, [], Compile(value, pointer), start);
                return true;
            case "contains":
                AddContains(node, Compile(value, pointer), Bound("minContains") ?? 1, Bound("maxContains"));
                return true;
            case "minContains" or "maxContains":
                // Part of contains; without it they ask for nothing, by the standard.
                Count(value, pointer);
                return true;
            default:
                return false;
        }

        int? Bound(string keyword) => schema.TryGetProperty(keyword, out var bound) ? Count(bound, Append(parent, keyword)) : null;
    }

    private static void AddArrayRule(SchemaNode node, Func<JsonElement, bool> holds, string code, string detail) =>
        node.Add((value, place, validation) => value.ValueKind != JsonValueKind.Array || holds(value) || validation.Fault(place, code, detail));

    private static void AddItems(SchemaNode node, SchemaNode[] prefix, SchemaNode? rest, int start) =>
        node.Add((value, place, validation) =>
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return true;
            }

            var holds = true;
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                var schema = rest is null ? prefix.ElementAtOrDefault(index) : index >= start ? rest : null;
                holds &= schema?.Check(item, place.At(index), validation) ?? true;
                if ((!holds && validation.IsAsking) || (rest is null && index >= prefix.Length))
                {
                    break;
                }

                index++;
            }

            return holds;
        });

    private void AddUnique(SchemaNode node, JsonElement value, string pointer)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fault(pointer, "wrong_type", "'uniqueItems' takes true or false.");
        }
        else if (value.ValueKind == JsonValueKind.True)
        {
            node.Add((v, place, validation) =>
            {
                if (v.ValueKind != JsonValueKind.Array)
                {
                    return true;
                }

                var seen = new HashSet<string>(StringComparer.Ordinal);
                var index = 0;
                foreach (var item in v.EnumerateArray())
                {
                    if (!seen.Add(CanonicalJson.Of(item)))
                    {
                        return validation.Fault(place.At(index), "duplicate", "This item is there already.");
                    }

                    index++;
                }

                return true;
            });
        }
    }

    private static void AddContains(SchemaNode node, SchemaNode wanted, int min, int? max) =>
        node.Add((value, place, validation) =>
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return true;
            }

            var index = 0;
            var count = 0;
            foreach (var item in value.EnumerateArray())
            {
                count += validation.Meets(wanted, item, place.At(index++)) ? 1 : 0;
            }

            return count < min
                ? validation.Fault(place, "too_few", $"At least {min} items must be of the kind that the schema wants here.")
                : count <= (max ?? int.MaxValue) || validation.Fault(place, "too_many", $"At most {max} items may be of the kind that the schema names here.");
        });
}
