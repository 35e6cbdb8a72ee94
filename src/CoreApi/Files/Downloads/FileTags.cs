using Microsoft.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace Platform.CoreApi.Files.Downloads;

/// <summary>Entity tags of files, which are digests.</summary>
internal static class FileTags
{
    /// <summary>True when <c>If-None-Match</c> names it (weakly) or is <c>*</c>.</summary>
    public static bool NoneMatchHolds(HttpContext http, StoredFile file) => Names(http.Request.Headers.IfNoneMatch, file, strongly: false);

    /// <summary>False when <c>If-Match</c> is there and does not name it (strongly).</summary>
    public static bool MatchHolds(HttpContext http, StoredFile file) =>
        http.Request.Headers.IfMatch.Count == 0 || Names(http.Request.Headers.IfMatch, file, strongly: true);

    private static bool Names(StringValues header, StoredFile file, bool strongly) =>
        EntityTagHeaderValue.TryParseList(header, out var tags)
        && tags.Any(t => t.Tag == "*" || (t.Tag == file.EntityTag && !(strongly && t.IsWeak)));
}
