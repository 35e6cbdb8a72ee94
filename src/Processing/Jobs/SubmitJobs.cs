using System.Text.Json;
using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>
/// <c>POST /v1/jobs:batch {jobs, atomic?}</c>: 1 to 1,000 jobs by the rules of <c>POST /v1/jobs</c>, in one transaction of a few statements. 200 with an
/// outcome each; with <c>atomic</c> all or nothing.
/// </summary>
internal static class SubmitJobs
{
    public const int MaxJobs = 1000;

    public static readonly BatchAnswer Answer = new("jobs", "job");

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
            var elements = body.Fields.RequiredValue("jobs");
            if (elements.ValueKind is not (JsonValueKind.Array or JsonValueKind.Undefined))
            {
                body.Fields.Fault("jobs", "wrong_type", "'jobs' must be a list of jobs.");
            }
            else if (elements.ValueKind == JsonValueKind.Array && elements.GetArrayLength() is 0 or > MaxJobs)
            {
                body.Fields.Fault("jobs", "out_of_range", $"'jobs' must hold 1 to {MaxJobs} jobs.");
            }

            var atomic = body.Fields.OptionalBool("atomic") ?? false;
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var given = Read(elements, types, http.Principal(), clock);
            return (atomic ? Answer.Refusal([.. given.Select(g => g.Problem)]) : null)
                ?? await WriteAsync(http, database, signal, write, given, clock);
        }
    }

    /// <summary>Ids are all of one millisecond, and sorted: lists show the jobs in the order of the batch.</summary>
    private static (Job? Job, Problem? Problem)[] Read(JsonElement elements, JobTypes types, Principal submitter, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var ids = new Queue<Guid>(elements.EnumerateArray().Select(_ => Guid.CreateVersion7(now)).Order());
        return [.. elements.EnumerateArray().Select(element => Read(element, types, ids.Dequeue(), submitter, clock))];
    }

    private static (Job? Job, Problem? Problem) Read(JsonElement element, JobTypes types, Guid id, Principal submitter, TimeProvider clock)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return (null, KnownProblems.Validation("", "wrong_type", "A job is an object."));
        }

        var fields = new JsonFields(element);
        var job = SubmitJob.Read(fields, types, id, types.Queues.Read(fields), clock, submitter) with { SubmittedBy = submitter.KeyId };
        return fields.Problem is { } problem ? (null, problem) : (job, null);
    }

    private static async Task<IResult> WriteAsync(
        HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, WriteRequest write, (Job? Job, Problem? Problem)[] given,
        TimeProvider clock)
    {
        if (given.All(g => g.Job?.UniqueKey is null))
        {
            var answer = Answer.Of([.. given.Select(g => Outcome(g, null))], RequestId.Of(http));
            var result = await Writes.ExecuteAsync(
                database, write, answer, batch => JobRows.InsertMany(batch, [.. given.Where(g => g.Job is not null).Select(g => (write.Tenant, g.Job!))], clock),
                http.RequestAborted);
            signal.Set();
            return result;
        }

        return await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var alive = await UniqueKeys.ClaimAsync(transaction, [.. given.Where(g => g.Job is not null).Select(g => g.Job!)], http.RequestAborted);
            await using var batch = new NpgsqlBatch(transaction.Connection);
            JobRows.InsertMany(
                batch, [.. given.Where(g => g.Job is not null && !alive.ContainsKey(g.Job.Id)).Select(g => (transaction.Tenant, g.Job!))], clock);
            if (batch.BatchCommands.Count > 0)
            {
                await batch.ExecuteNonQueryAsync(http.RequestAborted);
                transaction.AfterCommit(database.OutboxWritten.Set);
                transaction.AfterCommit(signal.Set);
            }

            return Answer.Of([.. given.Select(g => Outcome(g, g.Job is null ? null : alive.GetValueOrDefault(g.Job.Id)))], RequestId.Of(http));
        }, http.RequestAborted);
    }

    private static BatchItem Outcome((Job? Job, Problem? Problem) given, Job? alive) =>
        given.Problem is { } problem ? BatchItem.Failed(problem)
        : alive is not null ? new(StatusCodes.Status200OK, alive.ToJson(), null)
        : new(StatusCodes.Status201Created, given.Job!.ToJson(), null);
}
