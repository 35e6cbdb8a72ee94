using Npgsql;
using Platform.Eventing.Hosting;

namespace Platform.Processing.Workflows.Rows;

/// <summary>Removes workflows that have been at rest for long, with all that belongs to them. One that is retried meanwhile is at rest no more.</summary>
internal sealed partial class RemoveOldWorkflows(ProcessingDatabase database, ProcessingOptions options, TimeProvider clock, ILogger<RemoveOldWorkflows> logger)
    : PeriodicWorker(TimeSpan.FromMinutes(10), clock)
{
    private const int AtOnce = 200;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        int removed;
        do
        {
            removed = await RemoveAsync(connection, cancellationToken);
        }
        while (removed == AtOnce);
    }

    /// <summary>The due rows last: a job that ends later than its workflow went leaves one that nobody would take.</summary>
    private async Task<int> RemoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var remove = new NpgsqlCommand($"""
            WITH old AS MATERIALIZED (
                SELECT tenant_id, id FROM processing.workflow WHERE finished_at < now() - $1 ORDER BY finished_at LIMIT {AtOnce} FOR UPDATE SKIP LOCKED),
            elements AS (DELETE FROM processing.workflow_element e USING old WHERE e.tenant_id = old.tenant_id AND e.workflow_id = old.id),
            steps AS (DELETE FROM processing.workflow_step s USING old WHERE s.tenant_id = old.tenant_id AND s.workflow_id = old.id),
            workflows AS (DELETE FROM processing.workflow w USING old WHERE w.tenant_id = old.tenant_id AND w.id = old.id RETURNING w.id),
            due AS (
                DELETE FROM processing.workflow_due d
                WHERE d.due_at < now() - interval '1 hour'
                    AND NOT EXISTS (SELECT FROM processing.workflow w WHERE w.tenant_id = d.tenant_id AND w.id = d.workflow_id))
            SELECT count(*)::int FROM workflows
            """, connection) { Parameters = { new() { Value = options.WorkflowRetention } } };
        return (int)(await remove.ExecuteScalarAsync(cancellationToken))!;
    }

    protected override void LogFailed(Exception exception) => LogRemovalFailed(exception);

    [LoggerMessage(3013, LogLevel.Warning, "Removing old workflows failed; it is tried again")]
    private partial void LogRemovalFailed(Exception exception);
}
