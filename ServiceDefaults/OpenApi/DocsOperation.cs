using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Platform.ServiceDefaults.OpenApi.DocsPage;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>An operation on the page: what it takes, a line of curl to paste, what it answers and how it fails.</summary>
internal static class DocsOperation
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public sealed record Entry(string Path, string Method, JsonObject Json)
    {
        public string Id => Json["operationId"]!.ToString();
        public string Tag => Json["tags"]![0]!.ToString();
        public string? Scope => Json["x-required-scope"]?.ToString();

        /// <summary>What a search looks through.</summary>
        public string Words => $"{Method} {Path} {Id} {Json["summary"]} {Tag} {Scope}".ToLowerInvariant();
    }

    public static void Append(StringBuilder html, JsonObject document, Entry operation)
    {
        var json = operation.Json;
        html.Append($"<section data-find=\"{Text(operation.Words)}\" id=\"{Text(operation.Id)}\"><h3><a href=\"#{Text(operation.Id)}\">{Text(json["summary"]!)}</a></h3>")
            .Append($"<p class=\"route\"><b class=\"{operation.Method}\">{operation.Method}</b> <code>{Text(operation.Path)}</code> ")
            .Append(operation.Scope is { } scope ? $"<span class=\"scope\">{Text(scope)}</span>" : "<span class=\"scope\">open to everybody</span>").Append("</p>")
            .Append(Markdown.ToHtml(json["description"]!.ToString()));
        AppendParameters(html, document, json["parameters"]!.AsArray());
        if (json["requestBody"] is { } body)
        {
            html.Append("<h4>Body</h4>");
            foreach (var (type, content) in body["content"]!.AsObject().Take(1))
            {
                html.Append($"<p><code>{Text(type)}</code>{(body["required"]!.GetValue<bool>() ? "" : ", may be left out")}</p>");
                DocsSchema.Append(html, content!["schema"]!);
            }
        }

        html.Append("<h4>Try it</h4><pre><code>").Append(Text(Curl(operation))).Append("</code></pre><h4>Answers</h4>");
        foreach (var (status, answer) in json["responses"]!.AsObject())
        {
            AppendAnswer(html, document, status, Resolve(document, answer!));
        }

        html.Append("</section>");
    }

    private static void AppendParameters(StringBuilder html, JsonObject document, JsonArray parameters)
    {
        html.Append("<table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>");
        foreach (var parameter in parameters.Select(p => Resolve(document, p!)))
        {
            html.Append($"<tr><td><code>{Text(parameter["name"]!)}</code>{(parameter["required"] is null ? "" : " *")}</td><td>{Text(parameter["in"]!)}</td><td>")
                .Append(DocsSchema.Type(parameter["schema"]!)).Append($"</td><td>{Markdown.Inline(parameter["description"]!.ToString())}</td></tr>");
        }

        html.Append("</table>");
    }

    private static void AppendAnswer(StringBuilder html, JsonObject document, string status, JsonNode answer)
    {
        var isFailure = status[0] is '4' or '5';
        html.Append($"<details{(isFailure || status == "304" ? "" : " open")}><summary><b class=\"s{status[0]}\">{status}</b> {Markdown.Inline(answer["description"]!.ToString())}</summary>")
            .Append("<p>Headers: ").AppendJoin(", ", answer["headers"]!.AsObject().Select(h => $"<code>{Text(h.Key)}</code>")).Append("</p>");
        foreach (var (type, content) in answer["content"]?.AsObject() ?? [])
        {
            html.Append($"<p><code>{Text(type)}</code></p>");
            if (!isFailure)
            {
                DocsSchema.Append(html, content!["schema"]!);
            }

            var examples = content!["examples"]?.AsObject().Select(e => e.Value!["value"]) ?? [content["example"]];
            foreach (var example in examples.Where(e => e is not null))
            {
                html.Append("<pre><code>").Append(Text(example!.ToJsonString(Indented))).Append("</code></pre>");
            }
        }

        html.Append("</details>");
    }

    private static string Curl(Entry operation)
    {
        var curl = new StringBuilder("curl");
        if (operation.Method != "get")
        {
            curl.Append(" -X ").Append(operation.Method.ToUpperInvariant());
        }

        curl.Append($" \"$URL{operation.Path}\"");
        if (operation.Scope is not null)
        {
            curl.Append(" \\\n  -H \"Authorization: Bearer $KEY\"");
        }

        if (operation.Json["parameters"]!.AsArray().Any(p => p!["$ref"]?.ToString() == "#/components/parameters/IdempotencyKey"))
        {
            curl.Append(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
        }

        foreach (var (type, content) in operation.Json["requestBody"]?["content"]?.AsObject().Take(1) ?? [])
        {
            curl.Append($" \\\n  -H 'Content-Type: {type}'");
            if ((content!["example"] ?? content["examples"]?.AsObject().First().Value!["value"]) is { } example)
            {
                curl.Append($" \\\n  -d '{example.ToJsonString(new() { Encoder = Indented.Encoder }).Replace("'", "'\\''", StringComparison.Ordinal)}'");
            }
        }

        return curl.ToString();
    }

    private static JsonNode Resolve(JsonObject document, JsonNode node)
    {
        if (node["$ref"] is not { } reference)
        {
            return node;
        }

        JsonNode found = document;
        foreach (var part in reference.ToString().Split('/').Skip(1))
        {
            found = found[part]!;
        }

        return found;
    }
}
