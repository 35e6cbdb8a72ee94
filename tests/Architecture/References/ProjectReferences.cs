using System.Xml.Linq;

namespace Platform.Architecture.References;

/// <summary>Which of our projects a project file draws on, by reference or by compiling the other's files.</summary>
internal static class ProjectReferences
{
    /// <param name="file">The project file's full path; what it names is resolved from there.</param>
    /// <param name="content">The project file's XML.</param>
    public static IReadOnlySet<string> Read(string file, string content)
    {
        var folder = Path.GetDirectoryName(file)!;
        var named = XDocument.Parse(content).Descendants()
            .SelectMany(element => element.Attributes("Include").Select(include => include.Value)
                .Concat(element.Name.LocalName is "HintPath" ? [element.Value] : []))
            .SelectMany(value => value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(value => value.Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal).Replace('\\', '/'))
            .Where(value => value.Contains("../", StringComparison.Ordinal));

        return named
            .Select(value => ProjectOf(Path.GetFullPath(Path.Combine(folder, value))))
            .OfType<string>()
            .Where(project => project != Path.GetFileNameWithoutExtension(file))
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The folder under src/, or the folder at the root (AppHost, ServiceDefaults); null for a file outside of both.</summary>
    private static string? ProjectOf(string path)
    {
        var parts = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/').Split('/');
        return parts switch
        {
            ["..", ..] => null,
            ["src", var project, _, ..] => project,
            [var project, _, ..] => project,
            _ => null,
        };
    }
}
