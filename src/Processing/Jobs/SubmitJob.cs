using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>
/// <c>POST /v1/jobs {queue?, type, payload, run_at?, priority?, max_attempts?, timeout?, unique_key?}</c>: 201 and <c>Location</c>. Where a job of the same
/// type and <c>unique_key</c> is alive, that one, with 200. <c>timeout</c> is in seconds.
/// </summary>
internal static class SubmitJob
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, JobTypes types, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var job = Read(body.Fields, types, TypeId.New(clock), types.Queues.Read(body.Fields), clock, http.Principal()) with { SubmittedBy = http.Principal().KeyId };
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            if (job.UniqueKey is not null)
            {
                return await SubmitUniqueAsync(http, database, signal, write, job, clock);
            }

            var answer = JsonAnswer.Created(job.Location, job.ToJson());
            var result = await Writes.ExecuteAsync(database, write, answer, batch => JobRows.Insert(batch, write.Tenant, job, clock), http.RequestAborted);
            signal.Set();
            return result;
        }
    }

    /// <summary>The job that a document asks for; not to be used where the fields have a problem.</summary>
    public static Job Read(JsonFields fields, JobTypes types, Guid id, string queue, TimeProvider clock, Principal? submitter)
    {
        var now = Rfc3339.Now(clock);
        var (type, payload) = types.Read(fields, submitter);
        var runAt = fields.OptionalTime("run_at");
        return new()
        {
            Id = id,
            Type = type,
            Payload = payload,
            Queue = queue,
            RunAt = runAt > now ? runAt.Value : now,
            State = runAt > now ? JobState.Scheduled : JobState.Available,
            Priority = fields.OptionalInt("priority", NewWork.MinPriority, NewWork.MaxPriority) ?? 0,
            MaxAttempts = fields.OptionalInt("max_attempts", 1, Job.MaxMaxAttempts) ?? types.OptionsOf(type).MaxAttempts,
            TimeoutSeconds = fields.OptionalInt("timeout", 1, Job.MaxTimeoutSeconds) ?? types.OptionsOf(type).TimeoutSeconds,
            UniqueKey = fields.OptionalString("unique_key", 255),
            CreatedAt = now,
        };
    }

    private static async Task<IResult> SubmitUniqueAsync(
        HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, WriteRequest write, Job job, TimeProvider clock) =>
        await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            if ((await UniqueKeys.ClaimAsync(transaction, [job], http.RequestAborted)).TryGetValue(job.Id, out var alive))
            {
                return JsonAnswer.Ok(alive.ToJson());
            }

            await using var batch = new NpgsqlBatch(transaction.Connection);
            JobRows.Insert(batch, transaction.Tenant, job, clock);
            await batch.ExecuteNonQueryAsync(http.RequestAborted);
            transaction.AfterCommit(database.OutboxWritten.Set);
            transaction.AfterCommit(signal.Set);
            return JsonAnswer.Created(job.Location, job.ToJson());
        }, http.RequestAborted);
}
