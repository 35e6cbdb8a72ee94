using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary><c>DELETE /v1/schedules/{id}</c>: 204; heeds <c>If-Match</c>. Jobs that it started are left alone.</summary>
internal static class DeleteSchedule
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ProcessingDatabase database)
    {
        if (!Schedule.TryId(id, out var key))
        {
            return Schedule.NotFound();
        }

        var (versions, badTag) = ETag.IfMatch(http);
        var (write, badKey) = WriteRequest.Of(http);
        return badTag ?? badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            if (await ScheduleRows.LockAsync(transaction, key, http.RequestAborted) is not { } current)
            {
                return Schedule.NotFound();
            }

            if (versions is not null && !versions.Contains(current.Version))
            {
                return KnownProblems.VersionMismatch(current.Version);
            }

            await using var delete = transaction.Command("DELETE FROM processing.schedule WHERE tenant_id = $1 AND id = $2", transaction.Tenant, key);
            await delete.ExecuteNonQueryAsync(http.RequestAborted);
            return JsonAnswer.NoContent();
        }, http.RequestAborted);
    }
}
