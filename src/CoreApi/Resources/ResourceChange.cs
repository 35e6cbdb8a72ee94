using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.CoreApi.Caching;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// What replacing, patching and deleting share: lock the current version, compare <c>If-Match</c>, keep the old version in the
/// history, write the new one and its event in the commit's round trip.
/// </summary>
internal static class ResourceChange
{
    /// <param name="eventType">Wire name of the event.</param>
    /// <param name="change">Makes the next version of the current one, or says why it cannot be.</param>
    /// <param name="answer">The answer for the new version.</param>
    public static async Task<IResult> RunAsync(
        HttpContext http, CoreDatabase database, ResourceCache cache, TimeProvider clock, WriteRequest write, Guid id, string eventType,
        Func<Resource, (Resource? Next, Problem? Problem)> change, Func<Resource, ReadOnlyMemory<byte>, JsonAnswer> answer)
    {
        var (versions, badTag) = ETag.IfMatch(http);
        if (badTag is not null)
        {
            return badTag;
        }

        // Before the transaction: from here on, no read answers from what is held of it.
        await using var fence = await cache.FenceAsync(write.Tenant, [id], http.RequestAborted);
        Resource? written = null;
        var result = await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var current = await ResourceRows.LockAsync(transaction, id, http.RequestAborted);
            if (current is null)
            {
                return ResourceInput.NotFound();
            }

            if (versions is not null && !versions.Contains(current.Version))
            {
                return KnownProblems.VersionMismatch(current.Version);
            }

            var (next, refused) = change(current);
            if (next is null)
            {
                return refused!;
            }

            next = next with { Version = current.Version + 1, UpdatedAt = Later(Rfc3339.Now(clock), current.UpdatedAt) };
            var document = next.ToJson();
            var isDeleted = eventType == EventTypes.ResourceDeleted;
            transaction.Add(KeepOldVersion(write.Tenant, id));
            transaction.Add(Update(write.Tenant, next, http.Principal().Actor, isDeleted));
            transaction.Publish(OutboxMessage.FromJson(eventType, Topics.Core, Resource.Source, write.Tenant, next.PublicId, document, clock));
            written = isDeleted ? null : next;
            return answer(next, document);
        }, http.RequestAborted);
        if (written is not null && result is JsonAnswer { Replayed: false })
        {
            fence.Committed(written);
        }

        return result;
    }

    /// <summary>A clock that was set back must not make a later version look older.</summary>
    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset previous) => now > previous ? now : previous;

    private static NpgsqlBatchCommand KeepOldVersion(Guid tenant, Guid id) =>
        new("""
            INSERT INTO core.resource_history (tenant_id, id, version, data, labels, updated_at, updated_by)
            SELECT tenant_id, id, version, data, labels, updated_at, updated_by FROM core.resource WHERE tenant_id = $1 AND id = $2
            """)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };

    private static NpgsqlBatchCommand Update(Guid tenant, Resource next, string actor, bool isDeleted) =>
        new("""
            UPDATE core.resource SET data = $3, labels = $4, version = $5, updated_at = $6, updated_by = $7,
                deleted_at = CASE WHEN $8 THEN $6 END
            WHERE tenant_id = $1 AND id = $2
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = next.Id },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = next.Data, NpgsqlDbType = NpgsqlDbType.Json },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = next.Labels, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter<long> { TypedValue = next.Version },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = next.UpdatedAt },
                new NpgsqlParameter<string> { TypedValue = actor },
                new NpgsqlParameter<bool> { TypedValue = isDeleted },
            },
        };
}
