using System.Text;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Running;

using Finished = FinishedWork<RunnableJob, JobEnd>;

/// <summary>The statements that write the outcomes of attempts: state and history, dead letters, freed unique keys, rates, events.</summary>
internal static class JobEffects
{
    public static void Write(NpgsqlBatch batch, IReadOnlyList<Finished> finished, JobEndings endings, TimeProvider clock)
    {
        batch.BatchCommands.Add(Update(finished, clock));
        var dead = finished.Where(f => f.Outcome.Result.Outcome == JobState.Dead).ToArray();
        if (dead.Length > 0)
        {
            batch.BatchCommands.Add(Bury(dead, clock));
        }

        var keyed = finished.Where(f => f.Work.UniqueKey is not null && f.Outcome.Result.Outcome is not null).ToArray();
        if (keyed.Length > 0)
        {
            batch.BatchCommands.Add(UniqueKeys.Free(
                Array(keyed, f => f.Item.TenantId), Array(keyed, f => f.Work.Type), Array(keyed, f => f.Work.UniqueKey!), Array(keyed, f => f.Item.Id)));
        }

        var ended = finished.Where(f => f.Outcome.Result.Outcome is not null).ToArray();
        if (ended.Length > 0)
        {
            batch.BatchCommands.Add(Count(ended));
            endings.Write(batch, [.. ended.Select(f => new EndedJob(
                f.Item.TenantId, f.Item.Id, f.Work.WorkflowId, f.Work.Step, f.Work.ScheduleId, f.Outcome.Result.Outcome!, f.Outcome.Result.Result,
                f.Outcome.Result.Error))]);
        }

        OutboxWriter.AppendMany(batch, ProcessingDatabase.Name, [.. finished.Select(f => f.Outcome.Result.Message).OfType<OutboxMessage>()]);
    }

    private static NpgsqlBatchCommand Update(IReadOnlyList<Finished> finished, TimeProvider clock)
    {
        var at = Rfc3339.Format(Rfc3339.Now(clock));
        return new("""
            UPDATE processing.job j
            SET outcome = e.outcome, attempt = e.attempt, result = e.result::json, error = e.error,
                errors = CASE WHEN e.entry IS NULL THEN j.errors ELSE j.errors || e.entry END,
                started_at = coalesce(e.started_at, j.started_at), duration_ms = coalesce(e.duration_ms, j.duration_ms),
                finished_at = CASE WHEN e.outcome IS NULL THEN NULL ELSE now() END
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[], $9::float8[])
                AS e(tenant_id, id, outcome, attempt, result, error, entry, started_at, duration_ms)
            WHERE j.tenant_id = e.tenant_id AND j.id = e.id
            """)
        {
            Parameters =
            {
                new() { Value = Array(finished, f => f.Item.TenantId) },
                new() { Value = Array(finished, f => f.Item.Id) },
                new() { Value = Array(finished, f => f.Outcome.Result.Outcome), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array(finished, Attempt) },
                new() { Value = Array(finished, f => f.Outcome.Result.Result is { } r ? Encoding.UTF8.GetString(r) : null), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array(finished, f => f.Outcome.Result.Error), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array(finished, f => Entry(f, at)), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                new() { Value = Array(finished, f => f.Outcome.Result.StartedAt), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = Array(finished, f => f.Outcome.Result.DurationMs), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double },
            },
        };
    }

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

    private static string? Entry(Finished finished, string at)
    {
        // A job that is held has not failed: it has no attempt to show.
        var end = finished.Outcome.Result;
        return end.Error is null || end.Message is null ? null : Encoding.UTF8.GetString(JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("attempt", Attempt(finished));
            json.WriteString("at", at);
            json.WriteString("error", end.Error);
            json.WriteEndObject();
        }));
    }

    private static int Attempt(Finished finished) =>
        Math.Min(finished.Outcome.Verdict == WorkVerdict.Postpone ? finished.Item.Attempt - 1 : finished.Item.Attempt, finished.Work.MaxAttempts);

    private static T[] Array<T>(IReadOnlyList<Finished> finished, Func<Finished, T> select) => [.. finished.Select(select)];
}
