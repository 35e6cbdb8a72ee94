using Platform.CoreApi.Caching;
using Platform.CoreApi.ResourceTypes;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// What replacing, patching, deleting and restoring share: lock the current version, compare <c>If-Match</c>, hold the new data against the
/// schema of its type, keep the old version in the history, write the new one and its event in the commit's round trip.
/// </summary>
internal static class ResourceChange
{
    /// <param name="change">Makes the next version of the current one, or says why it cannot be.</param>
    /// <param name="answer">The answer for the new version.</param>
    public static Task<IResult> RunAsync(
        HttpContext http, CoreDatabase database, ResourceCache cache, TypeSchemas schemas, TimeProvider clock, WriteRequest write, Guid id, ChangeKind kind,
        Func<Resource, (Resource? Next, Problem? Problem)> change, Func<ResourceVersion, JsonAnswer> answer) =>
        RunAsync(http, database, cache, schemas, clock, write, id, kind,
            (current, _) => ValueTask.FromResult(current.DeletedAt is null ? change(current) : (null, ResourceInput.NotFound())), answer);

    /// <summary>As above, for a change that is also possible after a deletion and reads more before it is made.</summary>
    public static async Task<IResult> RunAsync(
        HttpContext http, CoreDatabase database, ResourceCache cache, TypeSchemas schemas, TimeProvider clock, WriteRequest write, Guid id, ChangeKind kind,
        Func<Resource, WriteTransaction, ValueTask<(Resource? Next, Problem? Problem)>> change, Func<ResourceVersion, JsonAnswer> answer)
    {
        var (versions, badTag) = ETag.IfMatch(http);
        if (badTag is not null)
        {
            return badTag;
        }

        // Before the transaction: from here on, no read answers from what is held of it.
        await using var fence = await cache.FenceAsync(write.Tenant, [id], http.RequestAborted);
        ResourceVersion? written = null;
        var result = await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var current = await ResourceRows.LockAsync(transaction, id, http.RequestAborted);
            if (current is null || (current.DeletedAt is not null && kind != ChangeKind.Restored))
            {
                return ResourceInput.NotFound();
            }

            if (versions is not null && !versions.Contains(current.Version))
            {
                return KnownProblems.VersionMismatch(current.Version);
            }

            var (next, refused) = await change(current, transaction);
            if (next is null)
            {
                return refused!;
            }

            if (kind != ChangeKind.Deleted
                && await schemas.CheckAsync(transaction.Tenant, next.Type, next.Data, http.RequestAborted) is { } invalid)
            {
                return invalid;
            }

            written = ResourceVersion.After(current, next, kind, Rfc3339.Now(clock));
            ResourceWriter.Add(transaction, [written], http.Principal().Actor, clock);
            return answer(written);
        }, http.RequestAborted);
        if (written is { IsDeletion: false } && result is JsonAnswer { Replayed: false })
        {
            fence.Committed(written.Resource);
        }

        return result;
    }

    /// <summary>200 with the new version.</summary>
    public static JsonAnswer Changed(ResourceVersion version) =>
        JsonAnswer.Ok(version.Document) with { EntityTag = ETag.Of(version.Resource.Version) };
}
