using System.Globalization;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// <c>GET /v1/resources/{id}/history</c>: every version, newest first, with who made it, when and how; <c>.../history/{version}</c>: one of
/// them. Also after a deletion, until the resource is purged.
/// </summary>
internal static class ListHistory
{
    private const string ListName = "history";

    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        // The cursor carries whose history it is.
        var (page, invalid) = Page.Read(http, ListName + id, parts: 1);
        var before = long.MaxValue;
        if (invalid is null && page.After is { } after && !long.TryParse(after[0], CultureInfo.InvariantCulture, out before))
        {
            invalid = KnownProblems.InvalidCursor();
        }

        if (invalid is not null)
        {
            return invalid;
        }

        var versions = await HistoryVersion.ReadAsync(database, http.Principal().TenantId, key, before, page.Limit + 1, http.RequestAborted);
        return versions.Count == 0 && page.After is null
            ? ResourceInput.NotFound()
            : FieldSelection.List(versions, page.Limit, (version, json) => version.WriteTo(json),
                version => Page.Encode(ListName + id, version.Number.ToString(CultureInfo.InvariantCulture)));
    }

    public static async Task<IResult> HandleOneAsync(string id, string version, HttpContext http, CoreDatabase database)
    {
        if (!ResourceInput.TryId(id, out var key)
            || !long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is 0 or long.MaxValue)
        {
            return ResourceInput.NoSuchVersion();
        }

        var found = await HistoryVersion.ReadAsync(database, http.Principal().TenantId, key, number + 1, limit: 1, http.RequestAborted);
        return found is [{ } one] && one.Number == number
            ? JsonAnswer.Ok(FieldSelection.Write((json, _) => one.WriteTo(json), fields: null))
            : ResourceInput.NoSuchVersion();
    }
}
