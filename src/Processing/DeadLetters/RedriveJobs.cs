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

        var blocked = await TakeKeysAsync(transaction, [.. dead.Where(j => j.UniqueKey is not null)], cancellationToken);
        var now = clock.GetUtcNow();
        var again = dead.Where(j => !blocked.Contains(j.Id))
            .Select(j => j with { State = JobState.Available, Attempt = 0, RunAt = now, StartedAt = null, FinishedAt = null, DurationMs = null }).ToArray();
        await using var batch = new NpgsqlBatch(transaction.Connection);
        batch.BatchCommands.Add(new("""
            UPDATE processing.job SET outcome = NULL, attempt = 0, run_at = now(), started_at = NULL, finished_at = NULL, duration_ms = NULL
            WHERE tenant_id = $1 AND id = ANY($2)
            """) { Parameters = { new() { Value = transaction.Tenant }, new() { Value = Ids(again) } } });
        batch.BatchCommands.Add(new("DELETE FROM processing.dead_letter WHERE tenant_id = $1 AND job_id = ANY($2)")
        {
            Parameters = { new() { Value = transaction.Tenant }, new() { Value = Ids(again) } },
        });
        WorkQueue.EnqueueMany(batch, ProcessingDatabase.Name, [.. again.Select(j => JobRows.Work(transaction.Tenant, j))]);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        foreach (var job in again)
        {
            transaction.Publish(JobMessages.Of<JobRetrying>(transaction.Tenant, job, clock));
        }

        return (again.Length, blocked.Count, hasMore);
    }

    /// <summary>In the order of their deaths; what another redrive has in hand is left to it.</summary>
    private static async Task<List<Job>> LockAsync(WriteTransaction transaction, LetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command("");
        select.CommandText = $"""
            SELECT {JobRows.Columns} FROM {LetterRows.Jobs}
            LEFT JOIN processing.work_item w ON w.tenant_id = j.tenant_id AND w.id = j.id
            WHERE {filter.JobsWhere(transaction.Tenant, select.Parameters)} AND j.outcome = 'dead'
            ORDER BY d.died_at, d.id LIMIT {LetterFilter.Bind(select.Parameters, limit)} FOR UPDATE OF j SKIP LOCKED
            """;
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var jobs = new List<Job>();
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(JobRows.Read(reader));
        }

        return jobs;
    }

    /// <summary>Takes the unique keys again. Returns the jobs whose key another one has.</summary>
    private static async Task<HashSet<Guid>> TakeKeysAsync(WriteTransaction transaction, Job[] keyed, CancellationToken cancellationToken)
    {
        if (keyed.Length == 0)
        {
            return [];
        }

        await using var insert = transaction.Command(
            """
            INSERT INTO processing.job_unique (tenant_id, type, key, job_id)
            SELECT $1, type, key, job_id FROM unnest($2::text[], $3::text[], $4::uuid[]) AS k(type, key, job_id)
            ON CONFLICT DO NOTHING RETURNING job_id
            """,
            transaction.Tenant, keyed.Select(j => j.Type).ToArray(), keyed.Select(j => j.UniqueKey!).ToArray(), Ids(keyed));
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        var blocked = Ids(keyed).ToHashSet();
        while (await reader.ReadAsync(cancellationToken))
        {
            blocked.Remove(reader.GetGuid(0));
        }

        return blocked;
    }

    private static Guid[] Ids(Job[] jobs) => Array.ConvertAll(jobs, j => j.Id);
}
