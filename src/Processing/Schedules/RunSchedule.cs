using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary>
/// <c>POST /v1/schedules/{id}:run</c>: 201 and the job, at once and whatever the plan says, also for a paused schedule. The plan does not change.
/// </summary>
internal static class RunSchedule
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, JobTypes types, TimeProvider clock)
    {
        if (!Schedule.TryId(id, out var key))
        {
            return Schedule.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            if (await ScheduleRows.LockAsync(transaction, key, http.RequestAborted) is not { } schedule)
            {
                return Schedule.NotFound();
            }

            // The job runs on behalf of who set the schedule; who starts it must be allowed to start such a job all the same.
            if (types.Refusal(schedule.Settings.Job.Type, http.Principal()) is { } refusal)
            {
                return refusal;
            }

            var now = Rfc3339.Now(clock);
            var job = schedule.Settings.Job.NewJob(TypeId.New(clock), now, now) with { ScheduleId = key, SubmittedBy = schedule.SubmittedBy };
            await using var batch = new NpgsqlBatch(transaction.Connection);
            JobRows.Insert(batch, transaction.Tenant, job, clock);
            batch.BatchCommands.Add(new("UPDATE processing.schedule SET last_job_id = $3 WHERE tenant_id = $1 AND id = $2")
            {
                Parameters = { new() { Value = transaction.Tenant }, new() { Value = key }, new() { Value = job.Id } },
            });
            await batch.ExecuteNonQueryAsync(http.RequestAborted);
            transaction.AfterCommit(database.OutboxWritten.Set);
            transaction.AfterCommit(signal.Set);
            return JsonAnswer.Created(job.Location, job.ToJson());
        }, http.RequestAborted);
    }
}
