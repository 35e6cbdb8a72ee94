using Npgsql;
using Platform.Eventing.Hosting;

namespace Platform.Processing.Running;

/// <summary>Deletes the progress of jobs that ended without success and were not retried for so long. A job that is alive keeps it, however old.</summary>
internal sealed partial class ForgetProgress(ProcessingDatabase database, ProcessingOptions options, TimeProvider clock, ILogger<ForgetProgress> logger)
    : PeriodicWorker(TimeSpan.FromMinutes(10), clock)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            DELETE FROM processing.job_progress p WHERE updated_at < now() - $1
                AND NOT EXISTS (SELECT FROM processing.work_item w WHERE w.tenant_id = p.tenant_id AND w.id = p.id)
            """)
        {
            Parameters = { new NpgsqlParameter<TimeSpan> { TypedValue = options.CheckpointRetention } },
        });

        // A log is written with a checkpoint and never without it.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            DELETE FROM processing.job_log l WHERE NOT EXISTS (SELECT FROM processing.job_progress p WHERE p.tenant_id = l.tenant_id AND p.id = l.id)
            """));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(3011, LogLevel.Warning, "Deleting the progress of ended jobs failed; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
