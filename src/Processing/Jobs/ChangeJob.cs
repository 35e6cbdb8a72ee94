using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>
/// <c>PATCH /v1/jobs/{id} {run_at?, priority?}</c>: 200. Moves a job that waits: to later, to now, up or down in its queue. 409 for one that runs or has
/// ended. It moves the job's place in the queue alone; what was submitted stays, and is what the job shows once it has ended.
/// </summary>
internal static class ChangeJob
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal)
    {
        if (!JobProblems.TryId(id, out var key))
        {
            return JobProblems.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http, "application/merge-patch+json", "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var runAt = body.Fields.OptionalTime("run_at");
            var priority = body.Fields.OptionalInt("priority", NewWork.MinPriority, NewWork.MaxPriority);
            if (!body.Fields.Has("run_at") && !body.Fields.Has("priority"))
            {
                body.Fields.Fault("run_at", "required", "'run_at' or 'priority' is required.");
            }

            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                if (await JobRows.LockAsync(transaction, key, http.RequestAborted) is not { } job)
                {
                    return JobProblems.NotFound();
                }

                if (job.State is not (JobState.Scheduled or JobState.Retrying or JobState.Available))
                {
                    return JobProblems.NotChangeable(job.State);
                }

                await using var move = new NpgsqlBatch(transaction.Connection)
                {
                    BatchCommands = { WorkQueue.Move(ProcessingDatabase.Name, transaction.Tenant, key, runAt, priority) },
                };
                await move.ExecuteNonQueryAsync(http.RequestAborted);
                transaction.AfterCommit(signal.Set);
                return JsonAnswer.Ok((await JobRows.GetAsync(transaction, key, http.RequestAborted)).ToJson());
            }, http.RequestAborted);
        }
    }
}
