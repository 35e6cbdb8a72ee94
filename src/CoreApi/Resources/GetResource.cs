using Platform.CoreApi.Caching;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// <c>GET /v1/resources/{id}?fields=</c>: the current version with its <c>ETag</c>; 304 where <c>If-None-Match</c> names it. A caller may keep the
/// answer and must ask whether it still holds.
/// </summary>
internal static class GetResource
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ResourceCache cache)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        var (fields, invalid) = FieldSelection.Read(http, Resource.FieldNames);
        if (invalid is not null)
        {
            return invalid;
        }

        var found = await cache.FindAsync(http.Principal().TenantId, key, http.RequestAborted);
        if (found is null)
        {
            return ResourceInput.NotFound();
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "private, no-cache";
        headers.Vary = "Authorization";
        return ETag.NoneMatchHolds(http, found.Version)
            ? new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = found.EntityTag }
            : JsonAnswer.Ok(fields is null ? found.Document : FieldSelection.Of(found.Document, fields)) with { EntityTag = found.EntityTag };
    }
}
