using System.Text.Json;
using System.Text.RegularExpressions;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>Objects.</summary>
internal sealed partial class SchemaCompiler
{
    private bool AddObject(SchemaNode node, JsonElement schema, string name, JsonElement value, string parent)
    {
        var pointer = Append(parent, name);
        switch (name)
        {
            case "minProperties" when Count(value, pointer) is { } min:
                AddObjectRule(node, (v, place, validation) =>
                    v.GetPropertyCount() >= min || validation.Fault(place, "too_few", $"This must have at least {min} fields."));
                return true;
            case "maxProperties" when Count(value, pointer) is { } max:
                AddObjectRule(node, (v, place, validation) =>
                    v.GetPropertyCount() <= max || validation.Fault(place, "too_many", $"This may have {max} fields."));
                return true;
            case "minProperties" or "maxProperties":
                return true;
            case "required":
                if (Names(value, pointer) is { } required)
                {
                    AddObjectRule(node, (v, place, validation) => Require(v, required, place, validation));
                }

                return true;
            case "dependentRequired":
                AddDependentRequired(node, value, pointer);
                return true;
            case "dependentSchemas":
                foreach (var (field, dependent) in CompileEach(value, pointer))
                {
                    node.AddInPlace(dependent);
                    AddObjectRule(node, (v, place, validation) => !v.TryGetProperty(field, out _) || dependent.Check(v, place, validation));
                }

                return true;
            case "propertyNames":
                AddPropertyNames(node, Compile(value, pointer));
                return true;
            case "properties":
                AddProperties(node, CompileEach(value, pointer));
                return true;
            case "patternProperties":
                foreach (var (pattern, fields) in CompileEach(value, pointer))
                {
                    if (Pattern(pattern, Append(pointer, pattern)) is { } regex)
                    {
                        AddFields(node, fields, field => IsMatch(regex, field));
                    }
                }

                return true;
            case "additionalProperties":
                AddAdditional(node, schema, value, pointer);
                return true;
            default:
                return false;
        }
    }

    private static void AddObjectRule(SchemaNode node, Rule rule) =>
        node.Add((value, place, validation) => value.ValueKind != JsonValueKind.Object || rule(value, place, validation));

    private static bool Require(JsonElement value, string[] names, Place place, Validation validation)
    {
        var holds = true;
        foreach (var name in names)
        {
            holds &= value.TryGetProperty(name, out _) || validation.Fault(place.At(name), "required", $"'{name}' is required.");
        }

        return holds;
    }

    private void AddDependentRequired(SchemaNode node, JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(pointer, "wrong_type", "'dependentRequired' takes an object of lists of strings.");
            return;
        }

        foreach (var dependency in value.EnumerateObject())
        {
            var field = dependency.Name;
            if (Names(dependency.Value, Append(pointer, field)) is { } names)
            {
                AddObjectRule(node, (v, place, validation) => !v.TryGetProperty(field, out _) || Require(v, names, place, validation));
            }
        }
    }

    /// <summary>A name is a string like any other to its schema.</summary>
    private static void AddPropertyNames(SchemaNode node, SchemaNode names) =>
        AddObjectRule(node, (value, place, validation) =>
        {
            var holds = true;
            foreach (var field in value.EnumerateObject())
            {
                holds &= validation.Meets(names, JsonSerializer.SerializeToElement(field.Name), place)
                    || validation.Fault(place.At(field.Name), "invalid_name", $"'{field.Name}' is no name that is allowed here.");
            }

            return holds;
        });

    private static void AddProperties(SchemaNode node, Dictionary<string, SchemaNode> properties) =>
        AddObjectRule(node, (value, place, validation) =>
        {
            var holds = true;
            foreach (var field in value.EnumerateObject())
            {
                holds &= !properties.TryGetValue(field.Name, out var schema) || schema.Check(field.Value, place.At(field.Name), validation);
                if (!holds && validation.IsAsking)
                {
                    break;
                }
            }

            return holds;
        });

    private static void AddFields(SchemaNode node, SchemaNode schema, Func<string, bool> isMeant, string? unknown = null) =>
        AddObjectRule(node, (value, place, validation) =>
        {
            var holds = true;
            foreach (var field in value.EnumerateObject().Where(f => isMeant(f.Name)))
            {
                holds &= unknown is null
                    ? schema.Check(field.Value, place.At(field.Name), validation)
                    : validation.Fault(place.At(field.Name), "unknown_field", $"'{field.Name}' {unknown}");
                if (!holds && validation.IsAsking)
                {
                    break;
                }
            }

            return holds;
        });

    private void AddAdditional(SchemaNode node, JsonElement schema, JsonElement value, string pointer)
    {
        var named = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject().Select(p => p.Name).ToHashSet(StringComparer.Ordinal)
            : [];

        // Faults of the patterns are told where they stand.
        var patterns = schema.TryGetProperty("patternProperties", out var byPattern) && byPattern.ValueKind == JsonValueKind.Object
            ? byPattern.EnumerateObject().Select(p => EcmaPattern.Compile(p.Name).Regex).OfType<Regex>().ToArray()
            : [];
        AddFields(node, Compile(value, pointer), field => !named.Contains(field) && !Array.Exists(patterns, p => IsMatch(p, field)),
            value.ValueKind == JsonValueKind.False ? "is not a field of this type." : null);
    }
}
