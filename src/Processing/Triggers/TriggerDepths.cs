using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Hosting;

namespace Platform.Processing.Triggers;

/// <summary>
/// How many triggers lie behind an event. Events of jobs can start jobs, whose events can start jobs: without a bound, one event could keep the platform
/// busy for ever.
/// </summary>
internal static class TriggerDepths
{
    /// <summary>Triggers in a row; an event behind so many starts nothing any more.</summary>
    public const int Most = 5;

    /// <summary>Of the jobs that events are about; those that no trigger started are left out.</summary>
    public static async Task<Dictionary<(Guid Tenant, Guid Job), int>> FindAsync(
        NpgsqlConnection connection, IEnumerable<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        var depths = new Dictionary<(Guid, Guid), int>();
        var jobs = events.Where(e => JobOf(e) is not null).Select(e => (Tenant: e.TenantId, Job: JobOf(e)!.Value)).Distinct().ToArray();
        if (jobs.Length == 0)
        {
            return depths;
        }

        await using var select = new NpgsqlCommand("""
            SELECT j.tenant_id, j.id, coalesce(d.depth, 1)::int FROM unnest($1::uuid[], $2::uuid[]) AS k(tenant_id, id)
            JOIN processing.job j ON j.tenant_id = k.tenant_id AND j.id = k.id AND j.trigger_id IS NOT NULL
            LEFT JOIN processing.trigger_depth d ON d.tenant_id = j.tenant_id AND d.job_id = j.id
            """, connection)
        {
            Parameters = { new() { Value = jobs.Select(j => j.Tenant).ToArray() }, new() { Value = jobs.Select(j => j.Job).ToArray() } },
        };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            depths[(reader.GetGuid(0), reader.GetGuid(1))] = reader.GetInt32(2);
        }

        return depths;
    }

    /// <summary>The job that an event is about; null for others.</summary>
    public static Guid? JobOf(ReceivedEvent received) => TypeId.TryParse(IdPrefix.Job, received.Subject, out var id) ? id : null;

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
