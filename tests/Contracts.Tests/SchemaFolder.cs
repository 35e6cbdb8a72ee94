using System.Text.Json.Nodes;
using Platform.Contracts.Events;

namespace Platform.Contracts.Tests;

/// <summary>
/// The released schemas, a file for each event, and the table of them. A file that stands there is a promise: it is brought up to date where
/// the change is compatible, and never overwritten or removed where it is not.
/// </summary>
internal sealed class SchemaFolder(string path)
{
    /// <summary>Set to 1, the tests write what is missing or stale instead of failing.</summary>
    public const string WriteVariable = "PLATFORM_WRITE_SCHEMAS";

    public const string TableStart = "<!-- events: made from EventCatalog -->";
    public const string TableEnd = "<!-- /events -->";
    private const string Suffix = ".schema.json";

    /// <summary>Incompatible changes of released events, one line each.</summary>
    public IReadOnlyList<string> Breaks(IReadOnlyList<EventContract> contracts)
    {
        var known = contracts.Select(c => c.EventType).ToHashSet(StringComparer.Ordinal);
        var dropped = Released().Where(name => !known.Contains(name)).Select(name => $"{name}: the event is dropped");
        return [.. dropped, .. contracts.SelectMany(BreaksOf)];
    }

    /// <summary>What is missing or stale although nothing breaks; with <paramref name="write"/> it is written, and the answer says what is left.</summary>
    public IReadOnlyList<string> Stale(IReadOnlyList<EventContract> contracts, bool write)
    {
        var stale = new List<string>();
        foreach (var contract in contracts.Where(c => Read(c) != EventSchema.Text(EventSchema.Of(c)) && BreaksOf(c).Count == 0))
        {
            if (write)
            {
                File.WriteAllText(FileOf(contract.EventType), EventSchema.Text(EventSchema.Of(contract)));
            }
            else
            {
                stale.Add($"{contract.EventType}{Suffix} is {(Read(contract) is null ? "missing" : "stale")}");
            }
        }

        var readme = Path.Combine(path, "README.md");
        var text = File.ReadAllText(readme).ReplaceLineEndings("\n");
        var current = WithTable(text, contracts);
        if (text != current)
        {
            if (write)
            {
                File.WriteAllText(readme, current);
            }
            else
            {
                stale.Add("the table in README.md is stale");
            }
        }

        return stale;
    }

    private List<string> BreaksOf(EventContract contract) =>
        Read(contract) is { } released
            ? [.. SchemaComparer.Breaks(JsonNode.Parse(released), JsonNode.Parse(EventSchema.Text(EventSchema.Of(contract)))).Select(b => $"{contract.EventType}: {b}")]
            : [];

    private IEnumerable<string> Released() =>
        Directory.EnumerateFiles(path, "*" + Suffix).Select(f => Path.GetFileName(f)[..^Suffix.Length]).Order(StringComparer.Ordinal);

    private string? Read(EventContract contract) =>
        File.Exists(FileOf(contract.EventType)) ? File.ReadAllText(FileOf(contract.EventType)).ReplaceLineEndings("\n") : null;

    private string FileOf(string eventType) => Path.Combine(path, eventType + Suffix);

    private static string WithTable(string readme, IReadOnlyList<EventContract> contracts)
    {
        var start = readme.IndexOf(TableStart, StringComparison.Ordinal);
        var end = readme.IndexOf(TableEnd, StringComparison.Ordinal);
        if (start < 0 || end < start)
        {
            throw new InvalidOperationException($"README.md has no place for the table: '{TableStart}' and '{TableEnd}'.");
        }

        var rows = contracts.Select(c =>
            $"| `{c.EventType}` | {string.Join(", ", c.Topics.Select(t => $"`{t.Name}`"))} | {c.When} | [schema]({c.EventType}{Suffix}) |\n");
        return $"{readme[..start]}{TableStart}\n| event | topic | when | data |\n| --- | --- | --- | --- |\n{string.Concat(rows)}{readme[end..]}";
    }
}
