using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Jobs;

/// <summary>At most one job that is alive for each tenant, type and <c>unique_key</c>.</summary>
internal static class UniqueKeys
{
    /// <summary>Takes the key for this job; false when another has it.</summary>
    public static async Task<bool> TryTakeAsync(WriteTransaction transaction, Job job, CancellationToken cancellationToken) =>
        (await TakeAsync(transaction.Connection, [(transaction.Tenant, job)], cancellationToken)).Count == 1;

    /// <summary>
    /// Takes the keys of these jobs, of two with one key that of the first. Returns those that have theirs. Waits for whoever is just taking or
    /// freeing one: always in one order, so that two never wait for each other.
    /// </summary>
    public static async Task<HashSet<(Guid Tenant, Guid Id)>> TakeAsync(
        NpgsqlConnection connection, IReadOnlyList<(Guid Tenant, Job Job)> jobs, CancellationToken cancellationToken)
    {
        var taken = new HashSet<(Guid, Guid)>();
        var keyed = jobs.Where(j => j.Job.UniqueKey is not null)
            .OrderBy(j => j.Tenant).ThenBy(j => j.Job.Type, StringComparer.Ordinal).ThenBy(j => j.Job.UniqueKey, StringComparer.Ordinal)
            .ToArray();
        if (keyed.Length == 0)
        {
            return taken;
        }

        await using var insert = new NpgsqlCommand("""
            INSERT INTO processing.job_unique (tenant_id, type, key, job_id)
            SELECT tenant_id, type, key, job_id FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) WITH ORDINALITY AS u(tenant_id, type, key, job_id, ord)
            ORDER BY ord
            ON CONFLICT DO NOTHING RETURNING tenant_id, job_id
            """, connection)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(keyed, j => j.Tenant) },
                new() { Value = Array.ConvertAll(keyed, j => j.Job.Type) },
                new() { Value = Array.ConvertAll(keyed, j => j.Job.UniqueKey!) },
                new() { Value = Array.ConvertAll(keyed, j => j.Job.Id) },
            },
        };
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        return taken;
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
