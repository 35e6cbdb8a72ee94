using System.Text.Json;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>Schemas about the same value.</summary>
internal sealed partial class SchemaCompiler
{
    private bool AddLogic(SchemaNode node, JsonElement schema, string name, JsonElement value, string parent)
    {
        var pointer = Append(parent, name);
        switch (name)
        {
            case "allOf":
                foreach (var part in InPlace(node, CompileList(value, pointer)))
                {
                    node.Add(part.Check);
                }

                return true;
            case "anyOf":
                var any = InPlace(node, CompileList(value, pointer));
                node.Add((v, place, validation) => Array.Exists(any, s => validation.Meets(s, v, place))
                    || validation.Fault(place, "no_match", "This meets none of the schemas of which it must meet one."));
                return true;
            case "oneOf":
                var one = InPlace(node, CompileList(value, pointer));
                node.Add((v, place, validation) => one.Count(s => validation.Meets(s, v, place)) is var met && (met == 1
                    || validation.Fault(place, "no_match", $"This meets {met} of the schemas of which it must meet exactly one.")));
                return true;
            case "not":
                var not = InPlace(node, [Compile(value, pointer)])[0];
                node.Add((v, place, validation) => !validation.Meets(not, v, place)
                    || validation.Fault(place, "not_allowed", "This meets a schema that it must not meet."));
                return true;
            case "if":
                AddCondition(node, schema, value, parent);
                return true;
            case "then" or "else":
                // With an if they are its parts; without one they ask for nothing, by the standard.
                if (!schema.TryGetProperty("if", out _))
                {
                    Compile(value, pointer);
                }

                return true;
            default:
                return false;
        }
    }

    private void AddCondition(SchemaNode node, JsonElement schema, JsonElement condition, string parent)
    {
        var when = InPlace(node, [Compile(condition, Append(parent, "if"))])[0];
        var then = Part("then");
        var otherwise = Part("else");
        node.Add((v, place, validation) => (validation.Meets(when, v, place) ? then : otherwise)?.Check(v, place, validation) ?? true);

        SchemaNode? Part(string name) => schema.TryGetProperty(name, out var part) ? InPlace(node, [Compile(part, Append(parent, name))])[0] : null;
    }

    private static SchemaNode[] InPlace(SchemaNode node, SchemaNode[] schemas)
    {
        foreach (var schema in schemas)
        {
            node.AddInPlace(schema);
        }

        return schemas;
    }
}
