using Platform.CoreApi.Caching;
using Platform.CoreApi.ResourceTypes;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>DELETE /v1/resources/{id}</c>: 204. The deletion is a version; until it is purged, history stays readable and it can be restored.</summary>
internal static class DeleteResource
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, CoreDatabase database, ResourceCache cache, TypeSchemas schemas, TimeProvider clock)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await ResourceChange.RunAsync(http, database, cache, schemas, clock, write, key, ChangeKind.Deleted,
            current => (Apply(current), null), _ => JsonAnswer.NoContent());
    }

    public static Resource Apply(Resource current) => current with { Data = "null"u8.ToArray() };
}
