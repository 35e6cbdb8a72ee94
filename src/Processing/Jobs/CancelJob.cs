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

    private static async Task<IResult> CancelAsync(
        WriteTransaction transaction, Guid id, JobEndings endings, TimeProvider clock, CancellationToken cancellationToken)
    {
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
        end.BatchCommands.Add(WorkQueue.Remove(ProcessingDatabase.Name, transaction.Tenant, id));
        WriteEnds(end, transaction.Tenant, [job], endings);
        await end.ExecuteNonQueryAsync(cancellationToken);
        transaction.AfterCommit(endings.Committed);
        var cancelled = await JobRows.GetAsync(transaction, id, cancellationToken);
        transaction.Publish(JobMessages.Of<JobCancelled>(transaction.Tenant, cancelled, clock));
        return JsonAnswer.Ok(cancelled.ToJson());
    }

    /// <summary>The ends of jobs that are alive and locked, whose work items go in this transaction.</summary>
    public static void WriteEnds(NpgsqlBatch batch, Guid tenant, IReadOnlyList<Job> jobs, JobEndings endings)
    {
        batch.BatchCommands.Add(JobEnds.Insert([.. jobs.Select(j => new JobOutcome(
            tenant, j.Id, JobState.Cancelled, j.Attempt, null, j.Error, j.StartedAt, j.DurationMs))]));
        Job[] keyed = [.. jobs.Where(j => j.UniqueKey is not null)];
        if (keyed.Length > 0)
        {
            batch.BatchCommands.Add(UniqueKeys.Free(
                [.. keyed.Select(_ => tenant)], [.. keyed.Select(j => j.Type)], [.. keyed.Select(j => j.UniqueKey!)], [.. keyed.Select(j => j.Id)]));
        }

        endings.Write(batch, [.. jobs.Select(j => new EndedJob(tenant, j.Id, j.WorkflowId, j.Step, j.ScheduleId, JobState.Cancelled, null, null))]);
    }
}
