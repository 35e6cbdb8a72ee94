using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>GET /v1/resources/{id}</c>: the current version with its <c>ETag</c>; 304 where <c>If-None-Match</c> names it.</summary>
internal static class GetResource
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database)
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

        var resource = await ResourceRows.FindAsync(database, http.Principal().TenantId, key, http.RequestAborted);
        if (resource is null)
        {
            return ResourceInput.NotFound();
        }

        var tag = ETag.Of(resource.Version);
        return ETag.NoneMatchHolds(http, resource.Version)
            ? new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = tag }
            : JsonAnswer.Ok(FieldSelection.Write(resource.WriteTo, fields)) with { EntityTag = tag };
    }
}
