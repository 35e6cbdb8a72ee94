using System.Text.Json;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>What one keyword, or several that belong together, ask of a value. True when the value meets it.</summary>
internal delegate bool Rule(JsonElement value, Place place, Validation validation);

/// <summary>A schema or a schema within one: rules that must all hold.</summary>
internal sealed class SchemaNode
{
    private readonly List<Rule> _rules = [];
    private readonly List<SchemaNode> _inPlace = [];

    /// <summary>Schemas that look at the same value as this one: a circle of them would never end.</summary>
    public IReadOnlyList<SchemaNode> InPlace => _inPlace;

    public void Add(Rule rule) => _rules.Add(rule);

    public void AddInPlace(SchemaNode schema) => _inPlace.Add(schema);

    public bool Check(JsonElement value, Place place, Validation validation)
    {
        validation.Step();
        var holds = true;
        foreach (var rule in _rules)
        {
            holds &= rule(value, place, validation);
            if (!holds && validation.IsAsking)
            {
                return false;
            }
        }

        return holds;
    }
}
