using Npgsql;

namespace Platform.CoreApi.Resources;

/// <summary>
/// Removes deleted resources whose retention is over, with their history and labels, a bite a transaction. What another instance has in its
/// hands, and what is being restored, is passed over.
/// </summary>
internal sealed class PurgeDeleted(CoreDatabase database, ResourceOptions options, TimeProvider clock)
{
    private const int Bite = 200;
    private const int HistoryBite = 5000;

    /// <summary>Purges until nothing is due. Returns how many resources.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - options.DeletedRetention;
        var total = 0;
        while (await TakeBiteAsync(before, cancellationToken) is { } purged)
        {
            total += purged;
        }

        return total;
    }

    /// <summary>Null when nothing is due. 0 when the history of those that are due was more than a bite: they follow.</summary>
    private async Task<int?> TakeBiteAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (tenants, ids) = await LockDueAsync(connection, before, cancellationToken);
        if (ids.Count == 0)
        {
            return null;
        }

        await using var history = new NpgsqlCommand($"""
            DELETE FROM core.resource_history WHERE ctid = ANY (ARRAY(
                SELECT h.ctid FROM unnest($1, $2) AS due(tenant_id, id)
                JOIN core.resource_history h ON h.tenant_id = due.tenant_id AND h.id = due.id LIMIT {HistoryBite}))
            """, connection) { Parameters = { Of(tenants), Of(ids) } };
        var whole = await history.ExecuteNonQueryAsync(cancellationToken) < HistoryBite;
        if (whole)
        {
            await using var resources = new NpgsqlCommand("""
                DELETE FROM core.resource r USING unnest($1, $2) AS due(tenant_id, id) WHERE r.tenant_id = due.tenant_id AND r.id = due.id
                """, connection) { Parameters = { Of(tenants), Of(ids) } };
            await resources.ExecuteNonQueryAsync(cancellationToken);
        }

        // What was purged is (tenants[i], ids[i]); its last version was the deletion.
        await transaction.CommitAsync(cancellationToken);
        return whole ? ids.Count : 0;
    }

    private static async Task<(List<Guid> Tenants, List<Guid> Ids)> LockDueAsync(
        NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var due = new NpgsqlCommand($"""
            SELECT tenant_id, id FROM core.resource WHERE deleted_at IS NOT NULL AND deleted_at < $1
            ORDER BY deleted_at LIMIT {Bite} FOR UPDATE SKIP LOCKED
            """, connection) { Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = before.ToUniversalTime() } } };
        await using var reader = await due.ExecuteReaderAsync(cancellationToken);
        var (tenants, ids) = (new List<Guid>(), new List<Guid>());
        while (await reader.ReadAsync(cancellationToken))
        {
            tenants.Add(reader.GetGuid(0));
            ids.Add(reader.GetGuid(1));
        }

        return (tenants, ids);
    }

    private static NpgsqlParameter<List<Guid>> Of(List<Guid> ids) => new() { TypedValue = ids };
}
