using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary><c>POST /v1/dead-letters/{id}:redrive</c>: 200 and the job, which has a fresh set of attempts; the dead letter is gone.</summary>
internal static class RedriveDeadLetter
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, TimeProvider clock)
    {
        if (!TypeId.TryParse(IdPrefix.DeadLetter, id, out var key))
        {
            return KnownProblems.NotFound("dead letter");
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            transaction.AfterCommit(signal.Set);
            await using var select = transaction.Command(
                "SELECT job_id FROM processing.dead_letter WHERE tenant_id = $1 AND id = $2", transaction.Tenant, key);

            // The job's row is what two redrives at once wait on; the second finds it alive.
            return await select.ExecuteScalarAsync(http.RequestAborted) is Guid job
                && await JobRows.LockAsync(transaction, job, http.RequestAborted) is { State: JobState.Dead } dead
                    ? await RetryJob.StartOverAsync(transaction, dead, clock, http.RequestAborted)
                    : KnownProblems.NotFound("dead letter");
        }, http.RequestAborted);
    }
}
