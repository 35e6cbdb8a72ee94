using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Hosting;

namespace Platform.Processing.Triggers;

/// <summary>
/// How many triggers lie behind an event. Events of jobs and workflows can start jobs and workflows, whose events can start others: without a bound, one event could keep the platform
/// busy for ever.
/// </summary>
internal static class TriggerDepths
{
    /// <summary>Triggers in a row; an event behind so many starts nothing any more.</summary>
    public const int Most = 5;

    /// <summary>By their subjects, jobs and workflows; those behind which there is no trigger are left out. The jobs of a workflow are as deep as it is.</summary>
    public static async Task<Dictionary<(Guid Tenant, string Subject), int>> FindAsync(
        NpgsqlConnection connection, IEnumerable<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        var depths = new Dictionary<(Guid, string), int>();
        var about = events.Where(e => IdOf(e.Subject) is not null).Select(e => (Tenant: e.TenantId, e.Subject)).Distinct().ToArray();
        if (about.Length == 0)
        {
            return depths;
        }

        await using var select = new NpgsqlCommand("""
            SELECT k.tenant_id, k.subject, f.depth
            FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS k(tenant_id, id, subject)
            LEFT JOIN processing.job j ON j.tenant_id = k.tenant_id AND j.id = k.id
            LEFT JOIN processing.trigger_depth d ON d.tenant_id = k.tenant_id AND d.job_id = k.id
            LEFT JOIN processing.workflow w ON w.tenant_id = k.tenant_id AND w.id = coalesce(j.workflow_id, k.id)
            CROSS JOIN LATERAL (SELECT greatest(CASE WHEN j.trigger_id IS NOT NULL THEN coalesce(d.depth, 1) END, w.trigger_depth)::int) AS f(depth)
            WHERE f.depth IS NOT NULL
            """, connection)
        {
            Parameters =
            {
                new() { Value = about.Select(a => a.Tenant).ToArray() }, new() { Value = about.Select(a => IdOf(a.Subject)!.Value).ToArray() },
                new() { Value = about.Select(a => a.Subject).ToArray() },
            },
        };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            depths[(reader.GetGuid(0), reader.GetString(1))] = reader.GetInt32(2);
        }

        return depths;
    }

    private static Guid? IdOf(string subject) =>
        TypeId.TryParse(IdPrefix.Job, subject, out var id) || TypeId.TryParse(IdPrefix.Workflow, subject, out id) ? id : null;

    /// <summary>Notes it; a job that is the first of its chain needs no note.</summary>
    public static void Insert(NpgsqlBatch batch, Guid tenant, Guid job, int depth)
    {
        if (depth > 1)
        {
            batch.BatchCommands.Add(new("INSERT INTO processing.trigger_depth (tenant_id, job_id, depth) VALUES ($1, $2, $3)")
            {
                Parameters = { new() { Value = tenant }, new() { Value = job }, new() { Value = (short)depth } },
            });
        }
    }
}

/// <summary>Forgets the depths of jobs that have long ended.</summary>
internal sealed partial class ForgetDepths(ProcessingDatabase database, TimeProvider clock, ILogger<ForgetDepths> logger) : PeriodicWorker(TimeSpan.FromHours(1), clock)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var delete = database.System.CreateCommand("DELETE FROM processing.trigger_depth WHERE started_at < now() - interval '30 days'");
        await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(3031, LogLevel.Warning, "Forgetting how deep old jobs were triggered failed; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
