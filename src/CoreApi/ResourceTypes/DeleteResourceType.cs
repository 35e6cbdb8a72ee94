using Npgsql;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.ResourceTypes;

/// <summary><c>DELETE /v1/resource-types/{type}</c>: 204. Forgets what was said about the type; its resources stay.</summary>
internal static class DeleteResourceType
{
    public static async Task<IResult> HandleAsync(string type, HttpContext http, CoreDatabase database, TypeSchemas schemas)
    {
        if (!ResourceInput.IsType(type))
        {
            return ResourceType.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        var (versions, badTag) = ETag.IfMatch(http);
        return badKey ?? badTag ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var current = await TypeRows.LockAsync(transaction, type, http.RequestAborted);
            if (current.Definition is not { } definition)
            {
                return ResourceType.NotFound();
            }

            if (versions is not null && !versions.Contains(definition.Version))
            {
                return KnownProblems.VersionMismatch(definition.Version);
            }

            transaction.Add(new($"WITH moved AS ({TypeRows.MoveEpoch}) DELETE FROM core.type_definition WHERE tenant_id = $1 AND type = $2")
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = write.Tenant }, new NpgsqlParameter<string> { TypedValue = type } },
            });
            transaction.AfterCommit(schemas.Invalidate);
            return JsonAnswer.NoContent();
        }, http.RequestAborted);
    }
}
