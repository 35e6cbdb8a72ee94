using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.DeadLetters;

/// <summary>Starts many dead jobs over at once: what <see cref="RetryJob.StartOverAsync"/> does for one, with one statement each.</summary>
internal static class RedriveJobs
{
    /// <returns>How many start over; how many cannot, because another job that is alive has their unique key; whether the filter holds more.</returns>
    public static async Task<(int Redriven, int Skipped, bool HasMore)> TakeAsync(
        WriteTransaction transaction, LetterFilter filter, int limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var dead = await LockAsync(transaction, filter, limit + 1, cancellationToken);
        var hasMore = dead.Count > limit;
        dead = [.. dead.Take(limit)];
        if (dead.Count == 0)
        {
            return (0, 0, false);
        }

        var keyed = dead.Where(j => j.UniqueKey is not null).Select(j => (transaction.Tenant, j)).ToArray();
        var taken = await UniqueKeys.TakeAsync(transaction.Connection, keyed, cancellationToken);
        var now = clock.GetUtcNow();
        var again = dead.Where(j => j.UniqueKey is null || taken.Contains((transaction.Tenant, j.Id)))
            .Select(j => j with { State = JobState.Available, Attempt = 0, RunAt = now, StartedAt = null, FinishedAt = null, DurationMs = null }).ToArray();
        await using var batch = new NpgsqlBatch(transaction.Connection);
        JobEnds.Undo(batch, transaction.Tenant, Array.ConvertAll(again, j => j.Id));
        WorkQueue.EnqueueMany(batch, ProcessingDatabase.Name, [.. again.Select(j => JobRows.Work(transaction.Tenant, j))]);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        foreach (var job in again)
        {
            transaction.Publish(JobMessages.Of<JobRetrying>(transaction.Tenant, job, clock));
        }

        return (again.Length, dead.Count - again.Length, hasMore);
    }

    /// <summary>In the order of their deaths; what another redrive has in hand is left to it.</summary>
    private static async Task<List<Job>> LockAsync(WriteTransaction transaction, LetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        await using var pick = transaction.Command("");
        pick.CommandText = $"""
            SELECT d.job_id FROM {LetterRows.Jobs}
            WHERE {filter.JobsWhere(transaction.Tenant, pick.Parameters)}
            ORDER BY d.died_at, d.id LIMIT {LetterFilter.Bind(pick.Parameters, limit)} FOR UPDATE OF j SKIP LOCKED
            """;
        var picked = new List<Guid>();
        await using (var reader = await pick.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                picked.Add(reader.GetGuid(0));
            }
        }

        // Read once more, by a statement that sees what was done until they were locked.
        var jobs = (await JobRows.FindAsync(transaction, [.. picked], cancellationToken)).Where(j => j.State == JobState.Dead).ToDictionary(j => j.Id);
        return [.. picked.Where(jobs.ContainsKey).Select(id => jobs[id])];
    }
}
