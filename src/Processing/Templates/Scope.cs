using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Platform.Processing.Templates;

/// <summary>What references can find, by their roots.</summary>
internal sealed class Scope
{
    private readonly ImmutableDictionary<string, Func<IReadOnlyList<string>, JsonElement?>> _roots;

    private Scope(ImmutableDictionary<string, Func<IReadOnlyList<string>, JsonElement?>> roots) => _roots = roots;

    /// <summary>Nothing.</summary>
    public static Scope Empty { get; } = new(ImmutableDictionary.Create<string, Func<IReadOnlyList<string>, JsonElement?>>(StringComparer.Ordinal));

    /// <summary>The same, and a value to walk into.</summary>
    public Scope With(string root, JsonElement value) => With(root, path => Walk(value, path));

    /// <summary>The same, and a root that is asked.</summary>
    /// <param name="find">Given the path behind the root: the value; undefined where there is none, null where it is not known yet.</param>
    public Scope With(string root, Func<IReadOnlyList<string>, JsonElement?> find) => new(_roots.SetItem(root, find));

    /// <summary>The value; undefined where there is none; null where it is not known yet.</summary>
    public JsonElement? Find(Reference reference) => _roots.TryGetValue(reference.Root, out var find) ? find(reference.Path) : null;

    /// <summary>From field to field and item to item; undefined where the path ends in nothing.</summary>
    public static JsonElement Walk(JsonElement value, IEnumerable<string> path) => path.Aggregate(value, Child);

    /// <summary>As <see cref="Walk"/> in what holds templates itself: null where one stands on the way, or in what was found.</summary>
    public static JsonElement? WalkTemplates(JsonElement value, IEnumerable<string> path)
    {
        foreach (var name in path)
        {
            if (Template.IsIn(value))
            {
                return null;
            }

            value = Child(value, name);
        }

        return JsonTemplate.IsIn(value) ? null : value;
    }

    private static JsonElement Child(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty(name, out var field) ? field : default,
        JsonValueKind.Array => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength() ? value[index] : default,
        _ => default,
    };
}
