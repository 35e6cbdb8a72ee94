using Npgsql;
using NpgsqlTypes;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Files;

/// <summary>Files and their rows.</summary>
internal static class FileRows
{
    public const string Columns = "id, object_key, name, content_type, size, sha256, labels, created_at";

    /// <summary>Null when it is not there, deleted or another tenant's.</summary>
    public static async Task<StoredFile?> FindAsync(CoreDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), Find(tenant, id, "") } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>As <see cref="FindAsync"/>, in a transaction.</summary>
    /// <param name="locking">True to keep others from changing it until the transaction ends.</param>
    public static async Task<StoredFile?> FindAsync(WriteTransaction transaction, Guid id, bool locking, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { Find(transaction.Tenant, id, locking ? " FOR UPDATE" : "") } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public static NpgsqlBatchCommand Insert(Guid tenant, StoredFile file, string actor) =>
        new("""
            INSERT INTO core.file (tenant_id, id, object_key, name, content_type, size, sha256, labels, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = file.Id },
                new NpgsqlParameter<Guid> { TypedValue = file.ObjectKey },
                new NpgsqlParameter<string> { TypedValue = file.Name },
                new NpgsqlParameter<string> { TypedValue = file.ContentType },
                new NpgsqlParameter<long> { TypedValue = file.Size },
                new NpgsqlParameter<byte[]> { TypedValue = file.Sha256 },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = file.Labels, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = file.CreatedAt },
                new NpgsqlParameter<string> { TypedValue = actor },
            },
        };

    public static NpgsqlBatchCommand Delete(Guid tenant, Guid id) =>
        new("DELETE FROM core.file WHERE tenant_id = $1 AND id = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };

    /// <summary>Counts a new file; changes no row where it would be more than the organization may store.</summary>
    public static NpgsqlBatchCommand AddUsage(Guid tenant, long bytes, long maxTotal) =>
        new("""
            INSERT INTO core.file_usage AS u (tenant_id, bytes, files) SELECT $1, $2, 1 WHERE $2 <= $3
            ON CONFLICT (tenant_id) DO UPDATE SET bytes = u.bytes + $2, files = u.files + 1 WHERE u.bytes + $2 <= $3
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<long> { TypedValue = bytes },
                new NpgsqlParameter<long> { TypedValue = maxTotal },
            },
        };

    public static NpgsqlBatchCommand SubtractUsage(Guid tenant, long bytes) =>
        new("UPDATE core.file_usage SET bytes = bytes - $2, files = files - 1 WHERE tenant_id = $1")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<long> { TypedValue = bytes } },
        };

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static StoredFile Read(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4), reader.GetFieldValue<byte[]>(5),
            ResourceRows.Labels(reader.GetFieldValue<byte[]>(6)), reader.GetFieldValue<DateTimeOffset>(7));

    private static NpgsqlBatchCommand Find(Guid tenant, Guid id, string suffix) =>
        new($"SELECT {Columns} FROM core.file WHERE tenant_id = $1 AND id = $2{suffix}")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };
}
