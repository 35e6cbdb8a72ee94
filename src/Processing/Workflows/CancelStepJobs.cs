using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Workflows;

/// <summary>What <see cref="CancelJob"/> does, for all jobs of a workflow at once. One that is just ending is what it is: its end comes too late for the workflow.</summary>
internal static class CancelStepJobs
{
    public static async Task RunAsync(WriteTransaction transaction, Guid[] ids, JobEndings endings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
        {
            return;
        }

        // The jobs first, then their work items, as all changes by callers do; and read once both are had.
        await using var locks = new NpgsqlBatch(transaction.Connection)
        {
            BatchCommands = { Lock("processing.job", transaction.Tenant, ids), Lock("processing.work_item", transaction.Tenant, ids) },
        };
        await locks.ExecuteNonQueryAsync(cancellationToken);
        Job[] alive = [.. (await JobRows.FindAsync(transaction, ids, cancellationToken))
            .Where(j => j.State is not (JobState.Succeeded or JobState.Dead or JobState.Cancelled)).OrderBy(j => j.Id)];
        if (alive.Length == 0)
        {
            return;
        }

        await using var end = new NpgsqlBatch(transaction.Connection);
        foreach (var job in alive)
        {
            end.BatchCommands.Add(WorkQueue.Remove(ProcessingDatabase.Name, transaction.Tenant, job.Id));
            transaction.Publish(JobMessages.Of<JobCancelled>(transaction.Tenant, job with { State = JobState.Cancelled }, clock));
        }

        CancelJob.WriteEnds(end, transaction.Tenant, alive, endings);
        await end.ExecuteNonQueryAsync(cancellationToken);
        transaction.AfterCommit(endings.Committed);
    }

    private static NpgsqlBatchCommand Lock(string table, Guid tenant, Guid[] ids) =>
        new($"SELECT 1 FROM {table} WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        };
}
