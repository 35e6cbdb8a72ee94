using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary>Entity tags: a version in quotes, <c>"3"</c>.</summary>
public static class ETag
{
    public static string Of(long version) => $"\"{version}\"";

    /// <summary>
    /// The versions that <c>If-Match</c> accepts: null when it is absent or <c>*</c>, the problem when it is none of our tags. A well-formed
    /// tag of some other form can match nothing, so it is a version that no object has.
    /// </summary>
    public static (IReadOnlyList<long>? Versions, Problem? Problem) IfMatch(HttpContext http)
    {
        var header = http.Request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return (null, null);
        }

        var versions = new List<long>();
        foreach (var part in header.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (part == "*")
            {
                return (null, null);
            }

            // If-Match compares strongly (RFC 9110, 13.1.1): a weak tag never matches.
            var weak = part.StartsWith("W/", StringComparison.Ordinal);
            var tag = weak ? part[2..] : part;
            if (tag.Length < 2 || tag[0] != '"' || tag[^1] != '"' || tag[1..^1].Contains('"', StringComparison.Ordinal))
            {
                return (null, KnownProblems.Validation("If-Match", "invalid_etag", "If-Match must hold entity tags such as \"3\", or *."));
            }

            versions.Add(!weak && long.TryParse(tag.AsSpan(1, tag.Length - 2), out var version) ? version : -1);
        }

        return (versions, null);
    }

    /// <summary>True when <c>If-None-Match</c> names this version (weak comparison) or is <c>*</c>.</summary>
    public static bool NoneMatchHolds(HttpContext http, long version)
    {
        var header = http.Request.Headers.IfNoneMatch;
        if (header.Count == 0)
        {
            return false;
        }

        var own = Of(version);
        foreach (var part in header.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (part == "*" || part == own || (part.StartsWith("W/", StringComparison.Ordinal) && part.AsSpan(2).SequenceEqual(own)))
            {
                return true;
            }
        }

        return false;
    }
}
