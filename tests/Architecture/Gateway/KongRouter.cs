using System.Text.RegularExpressions;

namespace Platform.Architecture.Gateway;

/// <summary>
/// Kong's choice of a route where paths are the only criterion (router flavour <c>traditional_compatible</c>): a path that
/// starts with <c>~</c> is a regex, anchored at its start; any other is a plain string prefix, not a prefix of segments.
/// Every regex goes before every prefix, regexes by <c>regex_priority</c>, prefixes by length. Two routes of equal rank have
/// no order that Kong promises, so here they are an error.
/// </summary>
internal sealed class KongRouter(KongConfiguration configuration)
{
    public KongRoute? Route(string path)
    {
        var best = configuration.AllRoutes
            .SelectMany(route => route.Paths, (route, pattern) => (Route: route, Pattern: pattern))
            .Where(candidate => Matches(candidate.Pattern, path))
            .GroupBy(candidate => Rank(candidate.Route, candidate.Pattern), candidate => candidate.Route)
            .MaxBy(group => group.Key);

        return best?.Distinct().ToList() switch
        {
            null => null,
            [var only] => only,
            var several => throw new InvalidOperationException(
                $"{path} is matched by {string.Join(" and ", several.Select(route => route.Name))} with the same priority."),
        };
    }

    private static bool Matches(string pattern, string path) => pattern.StartsWith('~')
        ? Regex.IsMatch(path, "^" + pattern[1..], RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))
        : path.StartsWith(pattern, StringComparison.Ordinal);

    private static (bool Regex, int RegexPriority, int Length) Rank(KongRoute route, string pattern) => pattern.StartsWith('~')
        ? (true, route.RegexPriority, 0)
        : (false, 0, pattern.Length);
}
