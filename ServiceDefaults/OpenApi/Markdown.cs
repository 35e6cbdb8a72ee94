using System.Text;
using System.Text.RegularExpressions;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>As much of Markdown as the descriptions use: headings, paragraphs, code and lists. Everything else is text.</summary>
internal static partial class Markdown
{
    public static string ToHtml(string text)
    {
        var html = new StringBuilder();
        foreach (var block in text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (block.StartsWith("## ", StringComparison.Ordinal))
            {
                html.Append("<h2>").Append(Inline(block[3..])).Append("</h2>");
            }
            else if (block.StartsWith("- ", StringComparison.Ordinal))
            {
                html.Append("<ul>").AppendJoin("", block[2..].Split("\n- ").Select(i => $"<li>{Inline(i)}</li>")).Append("</ul>");
            }
            else
            {
                html.Append("<p>").Append(Inline(block)).Append("</p>");
            }
        }

        return html.ToString();
    }

    public static string Inline(string text) => Code().Replace(DocsPage.Text(text), "<code>$1</code>");

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Code();
}
