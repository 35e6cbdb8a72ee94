using Npgsql;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>Reads a definition for changing it.</summary>
internal static class TypeRows
{
    /// <summary>Every change of a type takes this row: changes are in one order, and no instance misses one.</summary>
    public const string MoveEpoch = "UPDATE core.type_epoch SET epoch = epoch + 1 RETURNING epoch";

    /// <summary>The definition, locked until the transaction ends, and the number of living resources.</summary>
    public static async Task<ResourceType> LockAsync(WriteTransaction transaction, string type, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection);

        // A type without a definition has no row to lock: its name is locked instead.
        batch.BatchCommands.Add(new("SELECT pg_advisory_xact_lock(hashtextextended('platform.core.type ' || $1 || $2, 0))")
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = transaction.Tenant.ToString() }, new NpgsqlParameter<string> { TypedValue = type },
            },
        });
        batch.BatchCommands.Add(new($"""
            WITH {ResourceCounts.OfTenant}
            SELECT t.type, COALESCE((SELECT count FROM counted c WHERE c.type = t.type), 0), {ResourceType.Columns}
            FROM (SELECT $2::text AS type) t LEFT JOIN core.type_definition d ON d.tenant_id = $1 AND d.type = t.type
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant }, new NpgsqlParameter<string> { TypedValue = type },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ResourceType.Read(reader);
    }
}
