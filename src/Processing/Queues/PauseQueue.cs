using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Queues;

/// <summary>
/// <c>POST /v1/queues/{queue}:pause</c> and <c>:resume</c>: 200 and the queue. For the caller's organization alone; what already runs goes on.
/// </summary>
internal static class PauseQueue
{
    public static Task<IResult> PauseAsync(string queue, HttpContext http, ProcessingDatabase database, QueueNames queues) =>
        ChangeAsync(queues.Find(queue), http, database, "INSERT INTO processing.work_pause (tenant_id, queue) VALUES ($1, $2) ON CONFLICT DO NOTHING", () => { });

    public static Task<IResult> ResumeAsync(
        string queue, HttpContext http, ProcessingDatabase database, QueueNames queues, WorkSignal<ProcessingDatabase> signal) =>
        ChangeAsync(queues.Find(queue), http, database, "DELETE FROM processing.work_pause WHERE tenant_id = $1 AND queue = $2", signal.Set);

    private static async Task<IResult> ChangeAsync(WorkQueueShare? queue, HttpContext http, ProcessingDatabase database, string sql, Action afterwards)
    {
        if (queue is null)
        {
            return KnownProblems.NotFound("queue");
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            transaction.AfterCommit(afterwards);
            await using (var change = transaction.Command(sql, transaction.Tenant, queue.Name))
            {
                await change.ExecuteNonQueryAsync(http.RequestAborted);
            }

            return await QueueStatus.AnswerAsync(transaction, queue, http.RequestAborted);
        }, http.RequestAborted);
    }
}
