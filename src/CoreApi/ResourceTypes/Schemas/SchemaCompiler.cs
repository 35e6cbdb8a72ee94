using System.Text.Json;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>
/// Makes a validator of a schema (JSON Schema 2020-12, core and validation). A keyword that is not known here is a fault and is never passed
/// over: whoever writes it expects it to hold. The keywords themselves are in the other parts of this class.
/// </summary>
internal sealed partial class SchemaCompiler
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";
    private const int MaxSchemas = 5000;

    /// <summary>They say something to people and nothing to a validator.</summary>
    private static readonly HashSet<string> Annotations =
        new(["title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly"], StringComparer.Ordinal);

    private readonly Dictionary<string, SchemaNode> _byPointer = new(StringComparer.Ordinal);
    private readonly List<(SchemaNode Node, string Target, string Pointer)> _references = [];

    public List<InputError> Faults { get; } = [];

    public SchemaNode Compile(JsonElement schema)
    {
        var root = Compile(schema, "");
        ResolveReferences();
        if (Faults.Count == 0)
        {
            RefuseCircles();
        }

        return root;
    }

    /// <summary>One schema; its faults are gathered.</summary>
    private SchemaNode Compile(JsonElement schema, string pointer)
    {
        var node = new SchemaNode();
        _byPointer[pointer] = node;
        if (_byPointer.Count == MaxSchemas)
        {
            Fault("", "too_many", $"A schema may hold {MaxSchemas} schemas.");
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Add((_, place, validation) => validation.Fault(place, "not_allowed", "Nothing is allowed here."));
                break;
            case JsonValueKind.Object:
                foreach (var keyword in schema.EnumerateObject())
                {
                    AddKeyword(node, schema, keyword.Name, keyword.Value, pointer);
                }

                break;
            default:
                Fault(pointer, "wrong_type", "A schema is an object, true or false.");
                break;
        }

        return node;
    }

    private void AddKeyword(SchemaNode node, JsonElement schema, string name, JsonElement value, string parent)
    {
        var pointer = Append(parent, name);
        if (Annotations.Contains(name) || AddCore(node, name, value, pointer) || AddGeneral(node, name, value, pointer)
            || AddNumeric(node, name, value, pointer) || AddText(node, name, value, pointer) || AddArray(node, schema, name, value, parent)
            || AddObject(node, schema, name, value, parent) || AddLogic(node, schema, name, value, parent))
        {
            return;
        }

        Fault(pointer, "unknown_keyword", $"'{name}' is no keyword that is held here; what is not held is not accepted.");
    }

    private bool AddCore(SchemaNode node, string name, JsonElement value, string pointer)
    {
        switch (name)
        {
            case "$schema":
                if (value.ValueKind != JsonValueKind.String || value.GetString()!.TrimEnd('#') != Dialect)
                {
                    Fault(pointer, "invalid_value", $"'$schema' must be {Dialect}.");
                }

                return true;
            case "$id":
                // Below the root it would change what references mean.
                if (pointer != "/$id" || value.ValueKind != JsonValueKind.String)
                {
                    Fault(pointer, "invalid_value", "'$id' is a string at the root of the schema.");
                }

                return true;
            case "$ref":
                if (value.ValueKind == JsonValueKind.String && value.GetString() is ['#', .. var target] && (target.Length == 0 || target[0] == '/'))
                {
                    _references.Add((node, Uri.UnescapeDataString(target), pointer));
                }
                else
                {
                    Fault(pointer, "invalid_reference", "'$ref' must point into this schema, such as #/$defs/address.");
                }

                return true;
            case "$defs":
                CompileEach(value, pointer);
                return true;
            default:
                return false;
        }
    }

    private void ResolveReferences()
    {
        foreach (var (node, target, pointer) in _references)
        {
            if (_byPointer.TryGetValue(target, out var schema))
            {
                node.AddInPlace(schema);
                node.Add(schema.Check);
            }
            else
            {
                Fault(pointer, "invalid_reference", $"There is no schema at #{target}.");
            }
        }
    }

    /// <summary>Every circle must go through a part of the value, which has a bottom.</summary>
    private void RefuseCircles()
    {
        var done = new HashSet<SchemaNode>();
        var open = new HashSet<SchemaNode>();
        if (_byPointer.Values.Any(IsInCircle))
        {
            Fault("", "endless_reference", "A reference comes back to itself without going into the data.");
        }

        bool IsInCircle(SchemaNode node)
        {
            if (done.Contains(node) || !open.Add(node))
            {
                return !done.Contains(node);
            }

            var circle = node.InPlace.Any(IsInCircle);
            open.Remove(node);
            done.Add(node);
            return circle;
        }
    }

    /// <summary>An object of schemas.</summary>
    private Dictionary<string, SchemaNode> CompileEach(JsonElement schemas, string pointer)
    {
        var compiled = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (schemas.ValueKind != JsonValueKind.Object)
        {
            Fault(pointer, "wrong_type", "This keyword takes an object of schemas.");
            return compiled;
        }

        foreach (var schema in schemas.EnumerateObject())
        {
            compiled[schema.Name] = Compile(schema.Value, Append(pointer, schema.Name));
        }

        return compiled;
    }

    /// <summary>A list of schemas, one at least.</summary>
    private SchemaNode[] CompileList(JsonElement schemas, string pointer)
    {
        if (schemas.ValueKind != JsonValueKind.Array || schemas.GetArrayLength() == 0)
        {
            Fault(pointer, "wrong_type", "This keyword takes a list of schemas that is not empty.");
            return [];
        }

        return [.. schemas.EnumerateArray().Select((schema, i) => Compile(schema, $"{pointer}/{i}"))];
    }

    /// <summary>A whole number from 0; null after a fault. 2.0 is 2.</summary>
    private int? Count(JsonElement value, string pointer)
    {
        if (value.ValueKind == JsonValueKind.Number && JsonNumber.Of(value) is { IsInteger: true, IsNegative: false }
            && value.GetDouble() is var count and <= int.MaxValue)
        {
            return (int)count;
        }

        Fault(pointer, "wrong_type", "This keyword takes a whole number from 0.");
        return null;
    }

    /// <summary>A list of different strings; null after a fault.</summary>
    private string[]? Names(JsonElement value, string pointer)
    {
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String)
            && value.EnumerateArray().Select(n => n.GetString()!).ToArray() is var names
            && names.Distinct(StringComparer.Ordinal).Count() == names.Length)
        {
            return names;
        }

        Fault(pointer, "wrong_type", "This keyword takes a list of different strings.");
        return null;
    }

    private void Fault(string pointer, string code, string detail)
    {
        if (Faults.Count < Validation.MaxFaults)
        {
            Faults.Add(new(pointer, code, detail));
        }
    }

    private static string Append(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
