using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Jobs;

/// <summary>At most one job that is alive for each tenant, type and <c>unique_key</c>.</summary>
internal static class UniqueKeys
{
    /// <summary>Takes the key for this job; false when another has it.</summary>
    public static async Task<bool> TryTakeAsync(WriteTransaction transaction, Job job, CancellationToken cancellationToken)
    {
        await using var insert = transaction.Command(
            "INSERT INTO processing.job_unique (tenant_id, type, key, job_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            transaction.Tenant, job.Type, job.UniqueKey, job.Id);
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The job that has it; null when none has by now.</summary>
    public static async Task<Guid?> OwnerAsync(WriteTransaction transaction, Job job, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command(
            "SELECT job_id FROM processing.job_unique WHERE tenant_id = $1 AND type = $2 AND key = $3", transaction.Tenant, job.Type, job.UniqueKey);
        return await select.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    /// <summary>Frees the keys of jobs that have ended.</summary>
    public static NpgsqlBatchCommand Free(Guid[] tenants, string[] types, string[] keys, Guid[] jobs) =>
        new("""
            DELETE FROM processing.job_unique u USING unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS e(tenant_id, type, key, job_id)
            WHERE u.tenant_id = e.tenant_id AND u.type = e.type AND u.key = e.key AND u.job_id = e.job_id
            """)
        {
            Parameters = { new() { Value = tenants }, new() { Value = types }, new() { Value = keys }, new() { Value = jobs } },
        };
}
