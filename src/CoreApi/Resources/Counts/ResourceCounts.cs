using Npgsql;

namespace Platform.CoreApi.Resources;

/// <summary>
/// Numbers of living resources by tenant and type. Each write adds a row with its difference in its own transaction; here the rows are folded
/// into one number. The sum of both is exact in every snapshot, before and after a fold.
/// </summary>
internal sealed class ResourceCounts(CoreDatabase database)
{
    private const int Bite = 20_000;

    /// <summary>The count of each type of one tenant: a common table expression <c>counted (type, count)</c>. The tenant is $1.</summary>
    public const string OfTenant = """
        counted AS (
            SELECT type, sum(count)::bigint AS count FROM (
                SELECT type, count FROM core.resource_count WHERE tenant_id = $1
                UNION ALL SELECT type, delta FROM core.resource_count_delta WHERE tenant_id = $1) parts
            GROUP BY type)
        """;

    /// <summary>Folds what has been written until now, a bite at a time. Returns the number of rows; 0 also when another instance is at it.</summary>
    public async Task<int> FoldAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var folded = await UnderLockAsync($"""
                WITH bite AS (
                    DELETE FROM core.resource_count_delta WHERE ctid = ANY (ARRAY(SELECT ctid FROM core.resource_count_delta LIMIT {Bite}))
                    RETURNING tenant_id, type, delta),
                folded AS (
                    INSERT INTO core.resource_count AS c (tenant_id, type, count)
                    SELECT tenant_id, type, sum(delta) FROM bite GROUP BY tenant_id, type
                    ON CONFLICT (tenant_id, type) DO UPDATE SET count = c.count + excluded.count)
                SELECT count(*)::int FROM bite
                """, cancellationToken);
            total += folded;
            if (folded < Bite)
            {
                return total;
            }
        }
    }

    /// <summary>
    /// Holds the counts against the resources and writes the differences, which there are only when something wrote that does not count: an
    /// instance of an earlier version during an update, or a person. One statement, one snapshot: right whatever is written meanwhile.
    /// Returns how many were wrong.
    /// </summary>
    public Task<int> RecountAsync(CancellationToken cancellationToken) =>
        UnderLockAsync("""
            WITH parts AS (
                SELECT tenant_id, type, -count AS count FROM core.resource_count
                UNION ALL SELECT tenant_id, type, -delta FROM core.resource_count_delta
                UNION ALL SELECT tenant_id, type, count(*) FROM core.resource WHERE deleted_at IS NULL GROUP BY tenant_id, type),
            mended AS (
                INSERT INTO core.resource_count_delta (tenant_id, type, delta)
                SELECT tenant_id, type, sum(count) FROM parts GROUP BY tenant_id, type HAVING sum(count) <> 0 RETURNING 1)
            SELECT count(*)::int FROM mended
            """, cancellationToken);

    /// <summary>One instance at a time, and the statement's snapshot is younger than the lock.</summary>
    private async Task<int> UnderLockAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var tryLock = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtextextended('platform.core.counts', 0))", connection);
        if (await tryLock.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        var rows = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }
}
