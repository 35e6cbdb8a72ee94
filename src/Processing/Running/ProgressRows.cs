using Npgsql;
using NpgsqlTypes;

namespace Platform.Processing.Running;

/// <summary>
/// Progress, checkpoints and logs in their tables. A write locks the job's place in the queue for its key only: heartbeats pass, but the job cannot be
/// settled or taken meanwhile, so no row comes after its end.
/// </summary>
internal static class ProgressRows
{
    private const string Claimed = "FROM processing.work_item w WHERE w.tenant_id = $1 AND w.id = $2 AND w.token = $3 AND w.state = 2 FOR KEY SHARE";

    /// <summary>False when the claim is lost: then nothing was written.</summary>
    public static async Task<bool> SaveAsync(
        JobClaim claim, double? progress, string? note, byte[]? checkpoint, IReadOnlyList<(long Seq, byte[] Entries)> log, CancellationToken cancellationToken)
    {
        await using var connection = await claim.Database.System.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var save = Of(claim, $"""
            INSERT INTO processing.job_progress AS p (tenant_id, id, progress, note, checkpoint)
            SELECT w.tenant_id, w.id, coalesce($4, 0), $5, $6 {Claimed}
            ON CONFLICT (tenant_id, id) DO UPDATE SET progress = coalesce($4, p.progress), note = coalesce($5, p.note),
                checkpoint = coalesce($6, p.checkpoint), updated_at = now()
            """);
        save.Parameters.Add(new() { Value = progress is { } p ? (float)p : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Real });
        save.Parameters.Add(new() { Value = (object?)note ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        save.Parameters.Add(new() { Value = (object?)checkpoint ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json });
        batch.BatchCommands.Add(save);
        foreach (var (seq, entries) in log)
        {
            var append = Of(claim, $"""
                INSERT INTO processing.job_log (tenant_id, id, seq, entries) SELECT w.tenant_id, w.id, $4, $5 {Claimed} ON CONFLICT DO NOTHING
                """);
            append.Parameters.Add(new NpgsqlParameter<long> { TypedValue = seq });
            append.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = entries });
            batch.BatchCommands.Add(append);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        return save.RecordsAffected == 1;
    }

    public static async Task<(bool Found, byte[]? Checkpoint)> FindAsync(JobClaim claim, CancellationToken cancellationToken)
    {
        await using var select = claim.Database.System.CreateCommand("SELECT checkpoint FROM processing.job_progress WHERE tenant_id = $1 AND id = $2");
        select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim.Item.TenantId });
        select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim.Item.Id });
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (true, reader.IsDBNull(0) ? null : reader.GetFieldValue<byte[]>(0)) : (false, null);
    }

    /// <summary>The job's log in order, a piece at a time.</summary>
    public static async IAsyncEnumerable<byte[]> ReadLogAsync(
        JobClaim claim, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long? after = null; ;)
        {
            await using var select = claim.Database.System.CreateCommand("""
                SELECT seq, entries FROM processing.job_log WHERE tenant_id = $1 AND id = $2 AND ($3::bigint IS NULL OR seq > $3) ORDER BY seq LIMIT 1
                """);
            select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim.Item.TenantId });
            select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim.Item.Id });
            select.Parameters.Add(new() { Value = (object?)after ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
            byte[] entries;
            await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
            {
                if (!await reader.ReadAsync(cancellationToken))
                {
                    yield break;
                }

                after = reader.GetInt64(0);
                entries = reader.GetFieldValue<byte[]>(1);
            }

            yield return entries;
        }
    }

    /// <summary>Of jobs that have succeeded, in the transaction that says so.</summary>
    public static void Delete(NpgsqlBatch batch, Guid[] tenants, Guid[] jobs)
    {
        foreach (var table in (string[])["job_progress", "job_log"])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
                DELETE FROM processing.{table} p USING unnest($1::uuid[], $2::uuid[]) AS e(tenant_id, id) WHERE p.tenant_id = e.tenant_id AND p.id = e.id
                """)
            {
                Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = tenants }, new NpgsqlParameter<Guid[]> { TypedValue = jobs } },
            });
        }
    }

    private static NpgsqlBatchCommand Of(JobClaim claim, string sql) => new(sql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = claim.Item.TenantId },
            new NpgsqlParameter<Guid> { TypedValue = claim.Item.Id },
            new NpgsqlParameter<long> { TypedValue = claim.Item.Token },
        },
    };
}
