using Platform.Contracts.Events;
using Platform.CoreApi.Files.Downloads;
using Platform.CoreApi.Files.Removal;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files;

/// <summary><c>DELETE /v1/files/{id}</c>: 204. The row goes and its object is written down as due, in one transaction; the object follows.</summary>
internal static class DeleteFile
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database, TimeProvider clock)
    {
        if (!FileInput.TryId(id, out var key))
        {
            return FileProblems.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            if (await FileRows.FindAsync(transaction, key, locking: true, http.RequestAborted) is not { } file)
            {
                return FileProblems.NotFound();
            }

            if (!FileTags.MatchHolds(http, file))
            {
                return FileProblems.VersionMismatch();
            }

            transaction.Add(FileRows.Delete(write.Tenant, key));
            transaction.Add(ObjectRemovals.Demand(write.Tenant, file.ObjectKey));
            transaction.Add(FileRows.SubtractUsage(write.Tenant, file.Size));
            transaction.Publish(OutboxMessage.FromJson(
                EventTypes.FileDeleted, Topics.Core, StoredFile.Source, write.Tenant, file.PublicId, file.ToJson(), clock));
            return JsonAnswer.NoContent();
        }, http.RequestAborted);
    }
}
