using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>The document as one page of HTML, whole without anything from elsewhere: its style and its script are named by their hashes.</summary>
internal static class DocsPage
{
    public static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Hash(DocsAssets.Style)}'; script-src 'sha256-{Hash(DocsAssets.Script)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>UTF-8.</summary>
    public static byte[] Render(JsonObject document)
    {
        var html = new StringBuilder(256 * 1024);
        var info = document["info"]!;
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
            .Append(Text(info["title"]!)).Append("</title><style>").Append(DocsAssets.Style).Append("</style></head><body><nav><h1>").Append(Text(info["title"]!))
            .Append("</h1><input id=\"search\" type=\"search\" placeholder=\"Search\" aria-label=\"Search operations\" autocomplete=\"off\">");
        var operations = Operations(document);
        foreach (var tag in operations.GroupBy(o => o.Tag, StringComparer.Ordinal))
        {
            html.Append("<h2>").Append(Text(tag.Key)).Append("</h2><ul>");
            foreach (var o in tag)
            {
                html.Append($"<li data-find=\"{Text(o.Words)}\"><a href=\"#{Text(o.Id)}\"><b class=\"{o.Method}\">{o.Method}</b> {Text(o.Json["summary"]!)}</a></li>");
            }

            html.Append("</ul>");
        }

        html.Append("<h2>Schemas</h2><ul>");
        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (var (name, _) in schemas)
        {
            html.Append($"<li data-find=\"{Text(name.ToLowerInvariant())}\"><a href=\"#schema-{Text(name)}\">{Text(name)}</a></li>");
        }

        html.Append("</ul></nav><main><section id=\"top\">").Append(Markdown.ToHtml(info["description"]!.ToString()))
            .Append("<p>The same for machines: <a href=\"/openapi/v1.json\">/openapi/v1.json</a>.</p></section>");
        foreach (var operation in operations)
        {
            DocsOperation.Append(html, document, operation);
        }

        html.Append("<h2>Schemas</h2>");
        foreach (var (name, schema) in schemas)
        {
            html.Append($"<section data-find=\"{Text(name.ToLowerInvariant())}\" id=\"schema-{Text(name)}\"><h3><a href=\"#schema-{Text(name)}\">{Text(name)}</a></h3>");
            DocsSchema.Append(html, schema!);
            html.Append("</section>");
        }

        return Encoding.UTF8.GetBytes(html.Append("</main><script>").Append(DocsAssets.Script).Append("</script></body></html>").ToString());
    }

    /// <summary>Escaped.</summary>
    public static string Text(object text) => WebUtility.HtmlEncode(text.ToString()!);

    /// <summary>In the order of their tags.</summary>
    private static IReadOnlyList<DocsOperation.Entry> Operations(JsonObject document)
    {
        var tags = document["tags"]!.AsArray().Select(t => t!["name"]!.ToString()).ToList();
        return [.. document["paths"]!.AsObject()
            .SelectMany(p => p.Value!.AsObject().Select(o => new DocsOperation.Entry(p.Key, o.Key, o.Value!.AsObject())))
            .OrderBy(o => tags.IndexOf(o.Tag))];
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
