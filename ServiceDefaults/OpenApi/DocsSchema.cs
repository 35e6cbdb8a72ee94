using System.Text;
using System.Text.Json.Nodes;
using static Platform.ServiceDefaults.OpenApi.DocsPage;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>A schema on the page: its fields as a table, others as a line.</summary>
internal static class DocsSchema
{
    private static readonly string[] Limits = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "maxProperties", "pattern", "default"];

    public static void Append(StringBuilder html, JsonNode schema)
    {
        if (schema["properties"] is not JsonObject properties)
        {
            html.Append("<p>").Append(Type(schema)).Append(". ").Append(Markdown.Inline(schema["description"]?.ToString() ?? "")).Append("</p>");
            return;
        }

        var required = schema["required"]?.AsArray().Select(r => r!.ToString()).ToHashSet(StringComparer.Ordinal) ?? [];
        html.Append("<p>").Append(Markdown.Inline(schema["description"]?.ToString() ?? "")).Append("</p><table><tr><th>Field</th><th>Type</th><th></th></tr>");
        foreach (var (name, property) in properties)
        {
            html.Append($"<tr><td><code>{Text(name)}</code>{(required.Contains(name) ? " *" : "")}</td><td>").Append(Type(property!)).Append("</td><td>")
                .Append(Markdown.Inline(property!["description"]?.ToString() ?? ""));
            var nested = property["properties"] is null && property["items"]?["properties"] is not null ? property["items"]! : property;
            if (nested["properties"] is not null)
            {
                Append(html, nested);
            }

            html.Append("</td></tr>");
        }

        html.Append("</table>");
    }

    /// <summary>In a few words, with its limits.</summary>
    public static string Type(JsonNode schema)
    {
        if (schema["$ref"]?.ToString() is { } reference)
        {
            var name = reference[(reference.LastIndexOf('/') + 1)..];
            return $"<a href=\"#schema-{Text(name)}\">{Text(name)}</a>";
        }

        if (schema["anyOf"] is JsonArray choices)
        {
            return string.Join(" or ", choices.Select(c => Type(c!)));
        }

        if (schema["items"] is { } items)
        {
            return $"list of {Type(items)}";
        }

        var type = schema["type"] is JsonArray types ? string.Join(" or ", types.Select(t => t!.ToString())) : schema["type"]?.ToString() ?? "any value";
        var text = new StringBuilder(Text(type));
        if (schema["format"]?.ToString() is { } format)
        {
            text.Append(' ').Append(Text(format));
        }

        if (schema["enum"] is JsonArray values)
        {
            text.Append(": ").AppendJoin(" | ", values.Where(v => v is not null).Select(v => $"<code>{Text(v!)}</code>"));
        }

        foreach (var limit in Limits.Where(l => schema[l] is not null))
        {
            text.Append($" <small>{limit} {Text(schema[limit]!)}</small>");
        }

        return text.ToString();
    }
}
