using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Jobs;

/// <summary>At most one job that is alive for each tenant, type and <c>unique_key</c>.</summary>
internal static class UniqueKeys
{
    /// <summary>Takes the key for a job that starts over; false when another has it.</summary>
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

    /// <summary>
    /// Takes the keys of new jobs of the caller's organization. Returns, by its id, for each job that does not have its key, the one that has it:
    /// one that is alive, or an earlier one of these.
    /// </summary>
    public static async Task<Dictionary<Guid, Job>> ClaimAsync(WriteTransaction transaction, IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<(string Type, string Key), Job>();
        Job[] keyed = [.. jobs.Where(j => j.UniqueKey is not null)];
        Job[] pending = [.. keyed.DistinctBy(j => (j.Type, j.UniqueKey))];
        if (pending.Length > 1)
        {
            await ExecuteAsync(transaction, "SAVEPOINT keys", cancellationToken);
        }

        while (pending.Length > 0)
        {
            var taken = await TakeAsync(transaction.Connection, [.. pending.Select(j => (transaction.Tenant, j))], cancellationToken);
            foreach (var job in pending.Where(j => taken.Contains((transaction.Tenant, j.Id))))
            {
                owners[(job.Type, job.UniqueKey!)] = job;
            }

            pending = [.. pending.Where(j => !owners.ContainsKey((j.Type, j.UniqueKey!)))];
            foreach (var owner in await OwnersAsync(transaction, pending, cancellationToken))
            {
                owners[(owner.Type, owner.UniqueKey!)] = owner;
            }

            pending = [.. pending.Where(j => !owners.ContainsKey((j.Type, j.UniqueKey!)))];
            if (pending.Length > 0 && owners.Count > 0)
            {
                // An owner ended between the two looks, and its key is free again. Who has later keys by now must not wait for an earlier one: all anew.
                await ExecuteAsync(transaction, "ROLLBACK TO SAVEPOINT keys", cancellationToken);
                owners.Clear();
                pending = [.. keyed.DistinctBy(j => (j.Type, j.UniqueKey))];
            }
        }

        return keyed.Where(j => owners[(j.Type, j.UniqueKey!)].Id != j.Id).ToDictionary(j => j.Id, j => owners[(j.Type, j.UniqueKey!)]);
    }

    private static async Task ExecuteAsync(WriteTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<Job>> OwnersAsync(WriteTransaction transaction, Job[] jobs, CancellationToken cancellationToken)
    {
        if (jobs.Length == 0)
        {
            return [];
        }

        var ids = new List<Guid>();
        await using (var select = transaction.Command(
            """
            SELECT u.job_id FROM unnest($2::text[], $3::text[]) AS k(type, key)
            JOIN processing.job_unique u ON u.tenant_id = $1 AND u.type = k.type AND u.key = k.key
            """,
            transaction.Tenant, Array.ConvertAll(jobs, j => j.Type), Array.ConvertAll(jobs, j => j.UniqueKey!)))
        {
            await using var reader = await select.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        return ids.Count == 0 ? [] : await JobRows.FindAsync(transaction, [.. ids], cancellationToken);
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
