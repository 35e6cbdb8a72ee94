using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Running;

using Finished = FinishedWork<RunnableJob, JobEnd>;

/// <summary>The statements that write the outcomes of attempts: ends, failures, dead letters, freed unique keys, rates, events.</summary>
internal static class JobEffects
{
    public static void Write(NpgsqlBatch batch, IReadOnlyList<Finished> finished, JobEndings endings, TimeProvider clock)
    {
        var failed = finished.Where(f => f.Outcome.Result.Error is not null).ToArray();
        if (failed.Length > 0)
        {
            batch.BatchCommands.Add(Fail(failed, Rfc3339.Now(clock)));
        }

        var ended = finished.Where(f => f.Outcome.Result.Outcome is not null).ToArray();
        if (ended.Length > 0)
        {
            WriteEnds(batch, ended, clock);
            endings.Write(batch, [.. ended.Select(f => new EndedJob(
                f.Item.TenantId, f.Item.Id, f.Work.WorkflowId, f.Work.Step, f.Work.ScheduleId, f.Outcome.Result.Outcome!, f.Outcome.Result.Result,
                f.Outcome.Result.Error))]);
        }

        OutboxWriter.AppendMany(batch, ProcessingDatabase.Name, [.. finished.Select(f => f.Outcome.Result.Message).OfType<OutboxMessage>()]);
        if (ended.Length > 0)
        {
            // Last: the row of a queue is locked until the commit, and others count in it too.
            batch.BatchCommands.Add(Count(ended));
        }
    }

    private static void WriteEnds(NpgsqlBatch batch, IReadOnlyList<Finished> ended, TimeProvider clock)
    {
        batch.BatchCommands.Add(JobEnds.Insert([.. ended.Select(f => new JobOutcome(
            f.Item.TenantId, f.Item.Id, f.Outcome.Result.Outcome!, Attempt(f), f.Outcome.Result.Result, f.Outcome.Result.Error, f.Outcome.Result.StartedAt,
            f.Outcome.Result.DurationMs))]));
        var dead = ended.Where(f => f.Outcome.Result.Outcome == JobState.Dead).ToArray();
        if (dead.Length > 0)
        {
            batch.BatchCommands.Add(Bury(dead, clock));
        }

        var keyed = ended.Where(f => f.Work.UniqueKey is not null).ToArray();
        if (keyed.Length > 0)
        {
            batch.BatchCommands.Add(UniqueKeys.Free(
                Array(keyed, f => f.Item.TenantId), Array(keyed, f => f.Work.Type), Array(keyed, f => f.Work.UniqueKey!), Array(keyed, f => f.Item.Id)));
        }
    }

    /// <summary>A row for each failed attempt. A job that is held has not failed: it has one row that says why, however often it is held.</summary>
    private static NpgsqlBatchCommand Fail(IReadOnlyList<Finished> failed, DateTimeOffset at) =>
        new("""
            INSERT INTO processing.job_failure AS f (tenant_id, id, token, attempt, at, error, started_at, duration_ms)
            SELECT tenant_id, id, token, attempt, $5, error, started_at, duration_ms
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $6::text[], $7::timestamptz[], $8::float8[])
                AS e(tenant_id, id, token, attempt, error, started_at, duration_ms)
            ON CONFLICT (tenant_id, id, token) DO UPDATE SET at = EXCLUDED.at, error = EXCLUDED.error
            """)
        {
            Parameters =
            {
                new() { Value = Array(failed, f => f.Item.TenantId) },
                new() { Value = Array(failed, f => f.Item.Id) },
                new() { Value = Array(failed, f => f.Outcome.Result.Message is null ? JobFailures.Held : f.Item.Token) },
                new() { Value = Array(failed, Attempt) },
                new() { Value = at },
                new() { Value = Array(failed, f => f.Outcome.Result.Error!) },
                new() { Value = Array(failed, f => f.Outcome.Result.StartedAt), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = Array(failed, f => f.Outcome.Result.DurationMs), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double },
            },
        };

    private static NpgsqlBatchCommand Bury(IReadOnlyList<Finished> dead, TimeProvider clock) =>
        new("""
            INSERT INTO processing.dead_letter (tenant_id, id, job_id, reason, attempts)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[])
            """)
        {
            Parameters =
            {
                new() { Value = Array(dead, f => f.Item.TenantId) },
                new() { Value = Array(dead, _ => TypeId.New(clock)) },
                new() { Value = Array(dead, f => f.Item.Id) },
                new() { Value = Array(dead, f => f.Outcome.Result.Error!) },
                new() { Value = Array(dead, Attempt) },
            },
        };

    /// <summary>One row a tenant and queue, in one order: two workers lock them in turn.</summary>
    private static NpgsqlBatchCommand Count(IReadOnlyList<Finished> ended)
    {
        var counts = ended.CountBy(f => (f.Item.TenantId, f.Item.Queue)).OrderBy(c => c.Key.TenantId).ThenBy(c => c.Key.Queue, StringComparer.Ordinal).ToArray();
        return new("""
            INSERT INTO processing.queue_rate AS r (tenant_id, queue, slot, slice, finished)
            SELECT tenant_id, queue, slice % 7, slice, finished
            FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS c(tenant_id, queue, finished), floor(extract(epoch FROM now()) / 10) AS s(slice)
            ON CONFLICT (tenant_id, queue, slot) DO UPDATE SET
                finished = CASE WHEN r.slice = EXCLUDED.slice THEN r.finished + EXCLUDED.finished ELSE EXCLUDED.finished END,
                slice = EXCLUDED.slice
            """)
        {
            Parameters =
            {
                new() { Value = System.Array.ConvertAll(counts, c => c.Key.TenantId) },
                new() { Value = System.Array.ConvertAll(counts, c => c.Key.Queue) },
                new() { Value = System.Array.ConvertAll(counts, c => (long)c.Value) },
            },
        };
    }

    private static int Attempt(Finished finished) =>
        Math.Min(finished.Outcome.Verdict == WorkVerdict.Postpone ? finished.Item.Attempt - 1 : finished.Item.Attempt, finished.Work.MaxAttempts);

    private static T[] Array<T>(IReadOnlyList<Finished> finished, Func<Finished, T> select) => [.. finished.Select(select)];
}
