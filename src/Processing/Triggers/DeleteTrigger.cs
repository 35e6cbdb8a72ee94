using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary><c>DELETE /v1/triggers/{id}</c>: 204. Jobs that it started are left alone.</summary>
internal static class DeleteTrigger
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ProcessingDatabase database)
    {
        if (!Trigger.TryId(id, out var key))
        {
            return Trigger.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            await using var delete = transaction.Command("DELETE FROM processing.trigger WHERE tenant_id = $1 AND id = $2", transaction.Tenant, key);
            return await delete.ExecuteNonQueryAsync(http.RequestAborted) == 1 ? JsonAnswer.NoContent() : Trigger.NotFound();
        }, http.RequestAborted);
    }
}
