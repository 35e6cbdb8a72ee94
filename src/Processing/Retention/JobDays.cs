using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Hosting;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Processing.Retention;

/// <summary>
/// Makes the days of jobs and drops those that are over: at start, then hourly, on every instance; whoever comes second finds it done.
/// A day is dropped whole. Jobs of it that are alive, and those that lie among the dead letters, move to the partition "other" in the same
/// transaction; there, where no day will ever take them along, they are removed in bites once they have ended long enough ago.
/// </summary>
internal sealed partial class JobDays(ProcessingDatabase database, ProcessingOptions options, TimeProvider clock, ILogger<JobDays> logger)
    : PeriodicWorker(TimeSpan.FromHours(1), clock), IStartupTask
{
    /// <summary>Jobs that are moved at once at most: the move locks the tables, for about a second then.</summary>
    internal const int MaxHeirs = 50_000;

    private const int DaysAhead = 3;
    private const int Bite = 5000;

    /// <summary>In the order in which statements name them.</summary>
    private static readonly string[] Tables = ["job", "job_end", "job_failure"];

    /// <summary>Before the first job is submitted.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => MaintainAsync(cancellationToken);

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await MaintainAsync(cancellationToken);
        await SweepAsync(cancellationToken);
    }

    private Task MaintainAsync(CancellationToken cancellationToken) =>
        DayPartitions.MaintainAsync(
            database.System, database.Schema, Tables, DaysAhead, options.JobRetention, DayPartitions.FirstIdOf, cancellationToken, heirs: new(MayGoAsync, Move));

    private async Task<bool> MayGoAsync(DateOnly day, CancellationToken cancellationToken)
    {
        await using var count = database.System.CreateCommand($"SELECT count(*) FROM ({Heirs(day)}) h");
        var heirs = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        if (heirs > MaxHeirs)
        {
            LogStays(day, heirs);
        }

        return heirs <= MaxHeirs;
    }

    /// <summary>Jobs of a day that are alive or dead letters: both stand in tables that are small.</summary>
    private static string Heirs(DateOnly day) => $"""
        SELECT tenant_id, id FROM processing.work_item WHERE id >= {DayPartitions.FirstIdOf(day)} AND id < {DayPartitions.FirstIdOf(day.AddDays(1))}
        UNION ALL
        SELECT tenant_id, job_id FROM processing.dead_letter WHERE job_id >= {DayPartitions.FirstIdOf(day)} AND job_id < {DayPartitions.FirstIdOf(day.AddDays(1))}
        """;

    private static string Move(DateOnly day) => $"""
        SET LOCAL enable_hashjoin = off;
        SET LOCAL enable_mergejoin = off;
        {string.Join("\n", Tables.Select(t => $"""
            WITH heir AS MATERIALIZED ({Heirs(day)})
            INSERT INTO processing.{t} SELECT d.* FROM heir h JOIN processing.{DayPartitions.Name(t, day)} d USING (tenant_id, id);
            """))}
        """;

    /// <summary>What no day takes along, and what was dead for too long. Each bite is a transaction of its own, a job with all that is its in one.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        await RepeatAsync("""
            DELETE FROM processing.dead_letter WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM processing.dead_letter WHERE died_at < now() - $1 ORDER BY died_at LIMIT $2)
            """, options.DeadLetterRetention, cancellationToken);

        // The job is locked first, as a caller does who starts it over; his end is gone then, and so is the job from here.
        await RepeatAsync("""
            WITH old AS MATERIALIZED (
                SELECT e.tenant_id, e.id FROM processing.job_end_other e WHERE e.finished_at < now() - $1
                    AND NOT EXISTS (SELECT FROM processing.dead_letter d WHERE d.tenant_id = e.tenant_id AND d.job_id = e.id)
                ORDER BY e.finished_at LIMIT $2
            ), locked AS MATERIALIZED (
                SELECT j.tenant_id, j.id FROM processing.job_other j JOIN old USING (tenant_id, id) ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
            ), ended AS MATERIALIZED (
                DELETE FROM processing.job_end_other e USING locked l WHERE e.tenant_id = l.tenant_id AND e.id = l.id RETURNING e.tenant_id, e.id
            ), failed AS (
                DELETE FROM processing.job_failure_other f USING ended l WHERE f.tenant_id = l.tenant_id AND f.id = l.id
            )
            DELETE FROM processing.job_other j USING ended l WHERE j.tenant_id = l.tenant_id AND j.id = l.id
            """, options.JobRetention, cancellationToken);

        // What a job that did not succeed had kept, in case that it is started over.
        await RepeatAsync("""
            WITH gone AS MATERIALIZED (
                SELECT p.tenant_id, p.id FROM processing.job_progress p WHERE p.updated_at < now() - $1
                    AND NOT EXISTS (SELECT FROM processing.job j WHERE j.tenant_id = p.tenant_id AND j.id = p.id)
                LIMIT $2
            ), logged AS (
                DELETE FROM processing.job_log l USING gone g WHERE l.tenant_id = g.tenant_id AND l.id = g.id
            )
            DELETE FROM processing.job_progress p USING gone g WHERE p.tenant_id = g.tenant_id AND p.id = g.id
            """, options.JobRetention, cancellationToken);
    }

    private async Task RepeatAsync(string sql, TimeSpan retention, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = database.System.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = retention });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Bite });
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed >= Bite);
    }

    [LoggerMessage(3011, LogLevel.Error, "Making and dropping the days of jobs failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(3012, LogLevel.Information, "The jobs of {Day} stay: {Count} of them are alive or dead letters, too many to move at once")]
    private partial void LogStays(DateOnly day, long count);
}
