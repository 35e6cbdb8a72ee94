using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Platform.Processing.Jobs;

/// <summary>How a job ended.</summary>
/// <param name="Outcome">succeeded, dead or cancelled.</param>
/// <param name="StartedAt">Of its last attempt; null when there was none.</param>
internal sealed record JobOutcome(
    Guid Tenant, Guid Id, string Outcome, int Attempt, byte[]? Result, string? Error, DateTimeOffset? StartedAt, double? DurationMs);

/// <summary>The ends of jobs.</summary>
internal static class JobEnds
{
    /// <summary>Writes them; the work items go in the same transaction.</summary>
    public static NpgsqlBatchCommand Insert(IReadOnlyList<JobOutcome> ends)
    {
        return new("""
            INSERT INTO processing.job_end (tenant_id, id, outcome, attempt, result, error, started_at, duration_ms)
            SELECT tenant_id, id, outcome, attempt, result::json, error, started_at, duration_ms
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::timestamptz[], $8::float8[])
                AS e(tenant_id, id, outcome, attempt, result, error, started_at, duration_ms)
            """)
        {
            Parameters =
            {
                Column(e => e.Tenant, NpgsqlDbType.Uuid),
                Column(e => e.Id, NpgsqlDbType.Uuid),
                Column(e => e.Outcome, NpgsqlDbType.Text),
                Column(e => e.Attempt, NpgsqlDbType.Integer),
                Column(e => e.Result is { } result ? Encoding.UTF8.GetString(result) : null, NpgsqlDbType.Text),
                Column(e => e.Error, NpgsqlDbType.Text),
                Column(e => e.StartedAt, NpgsqlDbType.TimestampTz),
                Column(e => e.DurationMs, NpgsqlDbType.Double),
            },
        };

        NpgsqlParameter Column<T>(Func<JobOutcome, T> select, NpgsqlDbType type) =>
            new NpgsqlParameter<T[]> { TypedValue = [.. ends.Select(select)], NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    /// <summary>Forgets the ends of jobs that start over, and their dead letters; the jobs are locked.</summary>
    public static void Undo(NpgsqlBatch batch, Guid tenant, Guid[] ids)
    {
        foreach (var sql in (string[])[
            "DELETE FROM processing.job_end WHERE tenant_id = $1 AND id = ANY($2)",
            "DELETE FROM processing.dead_letter WHERE tenant_id = $1 AND job_id = ANY($2)"])
        {
            batch.BatchCommands.Add(new(sql)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
            });
        }
    }
}
