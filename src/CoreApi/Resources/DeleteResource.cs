using Platform.Contracts.Events;
using Platform.CoreApi.Caching;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>DELETE /v1/resources/{id}</c>: 204. The deletion is the last version; its history stays readable.</summary>
internal static class DeleteResource
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database, ResourceCache cache, TimeProvider clock)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await ResourceChange.RunAsync(http, database, cache, clock, write, key, EventTypes.ResourceDeleted,
            current => (current with { Data = "null"u8.ToArray() }, null),
            (_, _) => JsonAnswer.NoContent());
    }
}
