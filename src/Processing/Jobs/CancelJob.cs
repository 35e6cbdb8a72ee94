using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>
/// <c>POST /v1/jobs/{id}:cancel</c>: 200. From then on nothing that a running attempt finds out counts; the attempt itself is told within a
/// second or two. Cancelling twice is the same as once; 409 for a job that has ended otherwise.
/// </summary>
internal static class CancelJob
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ProcessingDatabase database, JobEndings endings, TimeProvider clock)
    {
        if (!JobProblems.TryId(id, out var key))
        {
            return JobProblems.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(
            database, write, RequestId.Of(http), transaction => CancelAsync(transaction, key, endings, clock, http.RequestAborted), http.RequestAborted);
    }

    public static async Task<IResult> CancelAsync(
        WriteTransaction transaction, Guid id, JobEndings endings, TimeProvider clock, CancellationToken cancellationToken)
    {
        // The queue's row first, as a worker does: a worker that is just finishing either wins or finds nothing.
        await using var remove = new NpgsqlBatch(transaction.Connection) { BatchCommands = { WorkQueue.Remove(ProcessingDatabase.Name, transaction.Tenant, id) } };
        var attempt = await TakenAttemptAsync(transaction, id, cancellationToken);
        await remove.ExecuteNonQueryAsync(cancellationToken);
        if (await JobRows.LockAsync(transaction, id, cancellationToken) is not { } job)
        {
            return JobProblems.NotFound();
        }

        if (job.State is JobState.Succeeded or JobState.Dead)
        {
            return JobProblems.NotCancellable(job.State);
        }

        if (job.State == JobState.Cancelled)
        {
            return JsonAnswer.Ok(job.ToJson());
        }

        await using var end = new NpgsqlBatch(transaction.Connection);
        end.BatchCommands.Add(new NpgsqlBatchCommand("""
            UPDATE processing.job SET outcome = 'cancelled', attempt = $3, finished_at = now() WHERE tenant_id = $1 AND id = $2
            """)
        {
            Parameters = { new() { Value = transaction.Tenant }, new() { Value = id }, new() { Value = attempt ?? job.Attempt } },
        });
        if (job.UniqueKey is not null)
        {
            end.BatchCommands.Add(UniqueKeys.Free([transaction.Tenant], [job.Type], [job.UniqueKey], [id]));
        }

        endings.Write(end, [new(transaction.Tenant, job.Id, job.WorkflowId, job.Step, job.ScheduleId, JobState.Cancelled, null, null)]);
        transaction.AfterCommit(endings.Committed);
        await end.ExecuteNonQueryAsync(cancellationToken);
        var cancelled = (await JobRows.LockAsync(transaction, id, cancellationToken))!;
        transaction.Publish(JobMessages.Of<JobCancelled>(transaction.Tenant, cancelled, clock));
        return JsonAnswer.Ok(cancelled.ToJson());
    }

    private static async Task<int?> TakenAttemptAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command(
            "SELECT attempt FROM processing.work_item WHERE tenant_id = $1 AND id = $2 FOR UPDATE", transaction.Tenant, id);
        return await select.ExecuteScalarAsync(cancellationToken) as int?;
    }
}
