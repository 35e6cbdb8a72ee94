using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>
/// <c>POST /v1/jobs/{id}:retry</c>: 200. A job that waits for its time becomes available now; a dead or cancelled one starts over with a fresh set of
/// attempts and leaves the dead letters. 409 for one that is available, running or has succeeded.
/// </summary>
internal static class RetryJob
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, TimeProvider clock)
    {
        if (!JobProblems.TryId(id, out var key))
        {
            return JobProblems.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            transaction.AfterCommit(signal.Set);
            if (await JobRows.LockAsync(transaction, key, http.RequestAborted) is not { } job)
            {
                return JobProblems.NotFound();
            }

            if (job.State is JobState.Scheduled or JobState.Retrying)
            {
                await using var ready = new NpgsqlBatch(transaction.Connection)
                {
                    BatchCommands = { WorkQueue.MakeReady(ProcessingDatabase.Name, transaction.Tenant, key) },
                };
                await ready.ExecuteNonQueryAsync(http.RequestAborted);
                return JsonAnswer.Ok((await JobRows.GetAsync(transaction, key, http.RequestAborted)).ToJson());
            }

            return job.State is JobState.Dead or JobState.Cancelled
                ? await StartOverAsync(transaction, job, clock, http.RequestAborted)
                : JobProblems.NotRetryable(job.State);
        }, http.RequestAborted);
    }

    /// <summary>A fresh set of attempts for a job that has ended; it is locked. Its errors stay readable.</summary>
    public static async Task<IResult> StartOverAsync(WriteTransaction transaction, Job ended, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (ended.UniqueKey is not null && !await UniqueKeys.TryTakeAsync(transaction, ended, cancellationToken))
        {
            return JobProblems.UniqueKeyTaken();
        }

        await using var batch = new NpgsqlBatch(transaction.Connection);
        JobEnds.Undo(batch, transaction.Tenant, [ended.Id]);
        WorkQueue.Enqueue(batch, ProcessingDatabase.Name, JobRows.Work(transaction.Tenant, ended with { State = JobState.Available }));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        var again = await JobRows.GetAsync(transaction, ended.Id, cancellationToken);
        transaction.Publish(JobMessages.Of<JobRetrying>(transaction.Tenant, again, clock));
        return JsonAnswer.Ok(again.ToJson());
    }
}
