using System.Text.Json.Nodes;

namespace Platform.Contracts.Tests;

/// <summary>
/// Finds what a change of a schema breaks. Both directions count: a reader made for the released schema meets new events, and a reader made for
/// the new one meets events that are still in the stream, in an outbox or among the dead. Compatible are new optional fields, new topics and other
/// words; everything else needs an event with a new name.
/// </summary>
internal static class SchemaComparer
{
    private static readonly HashSet<string> Words = new(["$schema", "$id", "$comment", "title", "description", "examples", "deprecated"], StringComparer.Ordinal);

    /// <summary>One line for each break, with its place as a path of fields; none when all is well.</summary>
    public static IReadOnlyList<string> Breaks(JsonNode? released, JsonNode? current)
    {
        var breaks = new List<string>();
        Compare(released, current, "", breaks);
        return breaks;
    }

    private static void Compare(JsonNode? released, JsonNode? current, string path, List<string> breaks)
    {
        // A schema may be a boolean; true is the schema without a rule.
        if (AsRules(released) is not { } before || AsRules(current) is not { } after)
        {
            if (!JsonNode.DeepEquals(released, current))
            {
                breaks.Add($"{Place(path)} is retyped: {Short(released)} became {Short(current)}");
            }

            return;
        }

        CompareTypes(before["type"], after["type"], path, breaks);
        CompareFields(before, after, path, breaks);
        CompareTopics(before["x-topics"], after["x-topics"], breaks);
        foreach (var (keyword, suffix) in (ReadOnlySpan<(string, string)>)[("items", "[]"), ("additionalProperties", ".*")])
        {
            if (before[keyword] is not null || after[keyword] is not null)
            {
                Compare(before[keyword] ?? true, after[keyword] ?? true, path + suffix, breaks);
            }
        }

        CompareEnums(before["enum"], after["enum"], path, breaks);
        foreach (var keyword in before.Select(p => p.Key).Union(after.Select(p => p.Key), StringComparer.Ordinal))
        {
            if (!Words.Contains(keyword) && keyword is not ("type" or "properties" or "required" or "items" or "additionalProperties" or "enum" or "x-topics")
                && !JsonNode.DeepEquals(before[keyword], after[keyword]))
            {
                breaks.Add($"{Place(path)} has another '{keyword}': {Short(before[keyword])} became {Short(after[keyword])}");
            }
        }
    }

    private static void CompareTypes(JsonNode? released, JsonNode? current, string path, List<string> breaks)
    {
        var before = Names(released);
        var after = Names(current);
        if (before.SetEquals(after))
        {
            return;
        }

        var what = before.Except(["null"]).ToHashSet(StringComparer.Ordinal).SetEquals(after.Except(["null"])) && before.Count > 0 && after.Count > 0
            ? after.Contains("null") ? "may be null now" : "may not be null any more"
            : $"is retyped: {Short(released)} became {Short(current)}";
        breaks.Add($"{Place(path)} {what}");
    }

    private static void CompareFields(JsonObject released, JsonObject current, string path, List<string> breaks)
    {
        var before = released["properties"] as JsonObject ?? [];
        var after = current["properties"] as JsonObject ?? [];
        var required = Names(released["required"]);
        var requiredNow = Names(current["required"]);
        foreach (var (name, schema) in before)
        {
            var field = path.Length == 0 ? name : $"{path}.{name}";
            if (!after.TryGetPropertyValue(name, out var now))
            {
                breaks.Add($"{Place(field)} is lost");
                continue;
            }

            Compare(schema, now, field, breaks);
            if (required.Contains(name) != requiredNow.Contains(name))
            {
                breaks.Add(required.Contains(name)
                    ? $"{Place(field)} is optional now, and readers rely on it"
                    : $"{Place(field)} is required now, and events without it are in the stream");
            }
        }

        foreach (var name in requiredNow.Where(n => !before.ContainsKey(n) && !required.Contains(n)))
        {
            breaks.Add($"{Place(path.Length == 0 ? name : $"{path}.{name}")} is new and required, and events without it are in the stream");
        }
    }

    private static void CompareEnums(JsonNode? released, JsonNode? current, string path, List<string> breaks)
    {
        if (released is not JsonArray before || current is not JsonArray after)
        {
            if (released is not null || current is not null)
            {
                breaks.Add($"{Place(path)} {(current is null ? "takes any value now" : "takes only some values now")}");
            }

            return;
        }

        breaks.AddRange(before.Where(v => !after.Any(w => JsonNode.DeepEquals(v, w))).Select(v => $"{Place(path)} loses the value {Short(v)}"));
        breaks.AddRange(after.Where(v => !before.Any(w => JsonNode.DeepEquals(v, w))).Select(v => $"{Place(path)} gains the value {Short(v)}, which readers do not know"));
    }

    private static void CompareTopics(JsonNode? released, JsonNode? current, List<string> breaks)
    {
        var now = Names(current);
        breaks.AddRange(Names(released).Where(t => !now.Contains(t)).Select(t => $"the event leaves the topic {t}"));
    }

    private static JsonObject? AsRules(JsonNode? schema) =>
        schema as JsonObject ?? (schema is JsonValue value && value.TryGetValue<bool>(out var everything) && everything ? [] : null);

    /// <summary>A name or a list of names.</summary>
    private static HashSet<string> Names(JsonNode? node) => node switch
    {
        JsonArray names => names.Select(n => n!.GetValue<string>()).ToHashSet(StringComparer.Ordinal),
        null => [],
        _ => [node.GetValue<string>()],
    };

    private static string Place(string path) => path.Length == 0 ? "the data" : $"'{path}'";

    private static string Short(JsonNode? node) => node is null ? "anything" : node.ToJsonString() is { Length: > 80 } text ? text[..80] + "…" : node.ToJsonString();
}
