using System.Text.Json.Nodes;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>The schemas that stand once and are referred to.</summary>
internal sealed class Components
{
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Two different schemas have this name.</exception>
    public void Add(string name, Func<JsonObject> write)
    {
        if (!_open.Add(name))
        {
            // Within itself.
            return;
        }

        var schema = write();
        _open.Remove(name);
        if (_schemas.TryGetValue(name, out var known) && !JsonNode.DeepEquals(known, schema))
        {
            throw new InvalidOperationException($"Two different schemas are named {name}.");
        }

        _schemas[name] = schema;
    }

    public JsonObject ToJson() => new(_schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.DeepClone())));
}
