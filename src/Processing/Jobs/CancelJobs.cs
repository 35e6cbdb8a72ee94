using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Queues;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>
/// <c>POST /v1/jobs:cancel {filter: {state?, queue?, type?, created_after?, workflow_id?, schedule_id?}, limit?}</c>: 200 and how many were cancelled,
/// the oldest first. A constant number of statements; call again while <c>has_more</c>.
/// </summary>
internal static class CancelJobs
{
    public static Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database, QueueNames queues, JobEndings endings, TimeProvider clock) =>
        FilteredChange.RunAsync(
            http, database, "every job that is alive", fields => JobFilter.ReadAlive(fields, queues),
            (transaction, filter, limit) => CancelAsync(transaction, filter, limit, endings, clock, http.RequestAborted));

    private static async Task<IResult> CancelAsync(
        WriteTransaction transaction, JobFilter filter, int limit, JobEndings endings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var ids = await LockAsync(transaction, filter, limit, cancellationToken);
        var jobs = ids.Length == 0 ? [] : await JobRows.FindAsync(transaction, ids, cancellationToken);
        if (jobs.Count > 0)
        {
            await using var end = new NpgsqlBatch(transaction.Connection);
            end.BatchCommands.Add(WorkQueue.RemoveMany(ProcessingDatabase.Name, transaction.Tenant, ids));
            CancelJob.WriteEnds(end, transaction.Tenant, jobs, endings);
            await end.ExecuteNonQueryAsync(cancellationToken);
            transaction.AfterCommit(endings.Committed);
            foreach (var job in jobs)
            {
                transaction.Publish(JobMessages.Of<JobCancelled>(transaction.Tenant, job with { State = JobState.Cancelled }, clock));
            }
        }

        var hasMore = await AnyAsync(transaction, filter, cancellationToken);
        return JsonAnswer.Ok(JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("cancelled", jobs.Count);
            json.WriteBoolean("has_more", hasMore);
            json.WriteEndObject();
        }));
    }

    /// <summary>What a worker or another caller has in hand at this very moment is passed over: who waits for nobody is in nobody's way.</summary>
    private static async Task<Guid[]> LockAsync(WriteTransaction transaction, JobFilter filter, int limit, CancellationToken cancellationToken)
    {
        await using var pick = transaction.Command("");
        var where = filter.Where("w", transaction.Tenant, pick.Parameters);
        pick.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        pick.CommandText = $"""
            SELECT w.id FROM processing.job j JOIN processing.work_item w ON w.tenant_id = j.tenant_id AND w.id = j.id
            WHERE {string.Join(" AND ", where)} ORDER BY w.id LIMIT ${pick.Parameters.Count} FOR UPDATE SKIP LOCKED
            """;
        var ids = new List<Guid>();
        await using var reader = await pick.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }

        return [.. ids];
    }

    private static async Task<bool> AnyAsync(WriteTransaction transaction, JobFilter filter, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command("");
        select.CommandText = $"""
            SELECT EXISTS (SELECT FROM processing.job j JOIN processing.work_item w ON w.tenant_id = j.tenant_id AND w.id = j.id
                WHERE {string.Join(" AND ", filter.Where("w", transaction.Tenant, select.Parameters))})
            """;
        return await select.ExecuteScalarAsync(cancellationToken) is true;
    }
}
