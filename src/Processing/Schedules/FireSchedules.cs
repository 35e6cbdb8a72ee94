using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Hosting;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;

namespace Platform.Processing.Schedules;

using Due = (Guid Tenant, Schedule Schedule, DateTimeOffset Now);

/// <summary>
/// Starts the jobs of schedules that are due, by the database's clock. The jobs and the schedule's next time are one transaction, and whoever has locked a
/// schedule is alone with it: a crash neither loses a run nor doubles one, and every instance may do this.
/// </summary>
internal sealed partial class FireSchedules(
    ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, ProcessingOptions options, TimeProvider clock, ILogger<FireSchedules> logger)
    : PeriodicWorker(options.ScheduleTick, clock)
{
    private const int Many = 100;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var limit = Many;
        while (true)
        {
            try
            {
                if (await FireAsync(limit, cancellationToken) < limit)
                {
                    return;
                }
            }
            catch (PostgresException e) when (limit > 1 && !e.IsTransient)
            {
                // One of them cannot be started: the others must not wait for it.
                LogManyFailed(e);
                limit = 1;
            }
        }
    }

    /// <summary>Starts what is due of at most so many schedules; returns of how many.</summary>
    private async Task<int> FireAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await LockAsync(connection, limit, cancellationToken);
        if (due.Count == 0)
        {
            return 0;
        }

        try
        {
            await StartAsync(connection, due, cancellationToken);
        }
        catch (PostgresException e) when (limit == 1 && !e.IsTransient)
        {
            LogFailed(due[0].Schedule.PublicId, e);
            await transaction.RollbackAsync(cancellationToken);
            await using var later = database.System.CreateCommand(
                "UPDATE processing.schedule SET next_at = now() + interval '1 minute' WHERE tenant_id = $1 AND id = $2 AND next_at <= now()");
            later.Parameters.Add(new() { Value = due[0].Tenant });
            later.Parameters.Add(new() { Value = due[0].Schedule.Id });
            await later.ExecuteNonQueryAsync(cancellationToken);
            return due.Count;
        }

        await transaction.CommitAsync(cancellationToken);
        database.OutboxWritten.Set();
        signal.Set();
        return due.Count;
    }

    private static async Task<List<Due>> LockAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(
            $"SELECT {ScheduleRows.Columns}, tenant_id, now() FROM processing.schedule WHERE next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED",
            connection) { Parameters = { new() { Value = limit } } };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var due = new List<Due>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add((reader.GetGuid(ScheduleRows.ColumnCount), ScheduleRows.Read(reader), reader.GetFieldValue<DateTimeOffset>(ScheduleRows.ColumnCount + 1)));
        }

        return due;
    }

    private async Task StartAsync(NpgsqlConnection connection, List<Due> due, CancellationToken cancellationToken)
    {
        var busy = await ExistingRows.FindAsync(connection, ExistingRows.AliveJobs,
            [.. due.Where(d => d.Schedule.Settings.Overlap == Overlap.Skip && d.Schedule.LastJobId is not null).Select(d => (d.Tenant, d.Schedule.LastJobId!.Value))],
            cancellationToken);
        var runs = due.ConvertAll(d =>
        {
            var planned = DueRuns.Of(d.Schedule, d.Now);
            return d.Schedule.Settings.Overlap == Overlap.Skip ? planned.WithoutOverlap(busy.Contains((d.Tenant, d.Schedule.LastJobId ?? default))) : planned;
        });
        var jobs = due.Zip(runs).SelectMany(p => p.Second.Starts.Select(at => (p.First.Tenant, Job: NewJob(p.First, at)))).ToList();
        var there = await ExistingRows.FindAsync(connection, ExistingRows.Jobs, [.. jobs.Select(j => (j.Tenant, j.Job.Id))], cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        JobRows.InsertMany(batch, jobs.FindAll(j => !there.Contains((j.Tenant, j.Job.Id))), Clock);
        batch.BatchCommands.Add(MoveOn(due, runs));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        foreach (var (first, second) in due.Zip(runs).Where(p => p.Second.LastSkipped is not null))
        {
            LogSkipped(first.Schedule.PublicId, second.LastSkipped!.Value);
        }
    }

    private static Job NewJob(Due due, DateTimeOffset at) =>
        due.Schedule.Settings.Job.NewJob(DueRuns.JobId(due.Schedule.Id, at), at, due.Now) with { ScheduleId = due.Schedule.Id, SubmittedBy = due.Schedule.SubmittedBy };

    private static NpgsqlBatchCommand MoveOn(List<Due> due, List<DueRuns> runs)
    {
        var starts = due.Zip(runs, (d, r) => r.Starts.Count > 0 ? (At: r.Starts[^1], Job: DueRuns.JobId(d.Schedule.Id, r.Starts[^1])) : default((DateTimeOffset At, Guid Job)?)).ToArray();
        return new("""
            UPDATE processing.schedule s
            SET next_at = d.next_at, last_at = coalesce(d.last_at, s.last_at), last_skipped_at = coalesce(d.last_skipped_at, s.last_skipped_at),
                last_job_id = coalesce(d.last_job_id, s.last_job_id)
            FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::uuid[])
                AS d(tenant_id, id, next_at, last_at, last_skipped_at, last_job_id)
            WHERE s.tenant_id = d.tenant_id AND s.id = d.id
            """)
        {
            Parameters =
            {
                new() { Value = due.Select(d => d.Tenant).ToArray() },
                new() { Value = due.Select(d => d.Schedule.Id).ToArray() },
                Times(due.Select(Next)),
                Times(starts.Select(s => s?.At)),
                Times(runs.Select(r => r.LastSkipped)),
                new() { Value = starts.Select(s => s?.Job).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
            },
        };
    }

    /// <summary>Where the zone is not known here any more, another instance may know it: it stays due.</summary>
    private static DateTimeOffset? Next(Due due) =>
        due.Schedule.Settings.Times() is null ? due.Now.AddMinutes(1) : due.Schedule.Settings.Next(due.Now);

    private static NpgsqlParameter Times(IEnumerable<DateTimeOffset?> times) =>
        new() { Value = times.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz };

    [LoggerMessage(3021, LogLevel.Error, "Starting the jobs of schedules failed; it is tried again")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(3022, LogLevel.Warning, "Starting the jobs of several schedules at once failed; they are taken one by one")]
    private partial void LogManyFailed(Exception exception);

    [LoggerMessage(3023, LogLevel.Error, "Schedule {Id} cannot start its job; it is tried again in a minute")]
    private partial void LogFailed(string id, Exception exception);

    [LoggerMessage(3024, LogLevel.Information, "Schedule {Id} skipped runs, the last one planned for {At:O}")]
    private partial void LogSkipped(string id, DateTimeOffset at);
}
