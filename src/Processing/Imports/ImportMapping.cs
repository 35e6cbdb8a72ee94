using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>
/// Where the values of a row go. A target is <c>data</c> or <c>labels</c> whole, <c>data.a.b</c>, or <c>labels.name</c>, and may end in <c>:number</c>, <c>:boolean</c>
/// or <c>:json</c> for text that is meant as such.
/// </summary>
internal sealed class ImportMapping
{
    private const int MaxPath = 8;
    private static readonly string[] Kinds = ["string", "number", "boolean", "json"];
    private readonly Node _root = new();

    /// <summary>How deep a value may be nested, beside its path and the request around it.</summary>
    public const int MaxDepth = 20;

    /// <param name="Column">Of the row.</param>
    /// <param name="Kind">What its text is.</param>
    public sealed record Leaf(int Column, string Name, string Kind);

    /// <summary>In the order of the columns.</summary>
    public List<Leaf> Leaves { get; } = [];

    /// <summary>All columns into <c>data</c>, as they are called.</summary>
    public static ImportMapping Plain(IReadOnlyList<string> columns)
    {
        var mapping = new ImportMapping();
        for (var i = 0; i < columns.Count; i++)
        {
            mapping.Add(["data", columns[i]], new(i, columns[i], "string"));
        }

        return mapping;
    }

    /// <param name="given">Checked by <see cref="Faults"/>.</param>
    /// <param name="column">Finds a column by its name.</param>
    public static ImportMapping Of(IReadOnlyDictionary<string, string> given, Func<string, int> column)
    {
        var mapping = new ImportMapping();
        foreach (var (name, target) in given)
        {
            var (path, kind) = Parse(target);
            mapping.Add(path, new(column(name), name, kind));
        }

        return mapping;
    }

    /// <summary>What is wrong with a mapping, one sentence each.</summary>
    public static IEnumerable<string> Faults(IReadOnlyDictionary<string, string> given)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, target) in given)
        {
            var (path, kind) = Parse(target);
            if (!Kinds.Contains(kind, StringComparer.Ordinal) || path[0] is not ("data" or "labels") || path.Length > MaxPath || path.Any(p => p.Length == 0)
                || (path[0] == "labels" && (path.Length > 2 || (path.Length == 2 && kind != "string"))))
            {
                yield return $"'{name}' goes to '{target}', which is none of data, data.path, labels, labels.name, with :number, :boolean or :json behind it at most.";
                continue;
            }

            if (paths.Any(p => Overlap(p, string.Join('.', path))))
            {
                yield return $"'{name}' goes to '{target}', where something else goes already.";
            }

            paths.Add(string.Join('.', path));
        }
    }

    /// <summary>Writes <c>data</c> and <c>labels</c> of one row; a leaf that <paramref name="write"/> says false of is left out.</summary>
    public void WriteTo(Utf8JsonWriter json, Func<Utf8JsonWriter, string, Leaf, bool> write)
    {
        // A row without data is one with empty data.
        if (!_root.Children.Exists(c => c.Name == "data"))
        {
            json.WriteStartObject("data");
            json.WriteEndObject();
        }

        Write(json, _root, write);
    }

    private static void Write(Utf8JsonWriter json, Node node, Func<Utf8JsonWriter, string, Leaf, bool> write)
    {
        foreach (var (name, child) in node.Children)
        {
            if (child.Leaf is { } leaf)
            {
                write(json, name, leaf);
            }
            else
            {
                json.WriteStartObject(name);
                Write(json, child, write);
                json.WriteEndObject();
            }
        }
    }

    private void Add(string[] path, Leaf leaf)
    {
        var node = _root;
        foreach (var part in path)
        {
            var found = node.Children.Find(c => c.Name == part).Node;
            if (found is null)
            {
                node.Children.Add((part, found = new()));
            }

            node = found;
        }

        node.Leaf = leaf;
        Leaves.Add(leaf);
    }

    private static (string[] Path, string Kind) Parse(string target)
    {
        var colon = target.LastIndexOf(':');
        return colon < 0 ? (target.Split('.'), "string") : (target[..colon].Split('.'), target[(colon + 1)..]);
    }

    private static bool Overlap(string one, string other) =>
        one == other || one.StartsWith(other + ".", StringComparison.Ordinal) || other.StartsWith(one + ".", StringComparison.Ordinal);

    private sealed class Node
    {
        public List<(string Name, Node Node)> Children { get; } = [];
        public Leaf? Leaf { get; set; }
    }
}
