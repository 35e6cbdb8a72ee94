using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Replays;

/// <summary><c>POST /v1/webhook-replays/{id}:cancel</c>: 200. Nothing more is queued; what is queued is sent. One that has ended stays as it is.</summary>
internal static class CancelReplay
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!Replay.TryId(id, out var key))
        {
            return Replay.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            await using var cancel = transaction.Command($"""
                UPDATE notifications.replay SET state = CASE WHEN state = '{ReplayState.Running}' THEN '{ReplayState.Cancelled}' ELSE state END,
                    finished_at = coalesce(finished_at, now()), in_flight = '{"{}"}'
                WHERE tenant_id = $1 AND id = $2 RETURNING {ReplayRows.Columns}
                """, transaction.Tenant, key);
            await using var reader = await cancel.ExecuteReaderAsync(http.RequestAborted);
            return await reader.ReadAsync(http.RequestAborted) ? ReplayRows.Read(reader).Answer(StatusCodes.Status200OK) with { Location = null } : Replay.NotFound();
        }, http.RequestAborted);
    }
}
