using System.Text.Json;
using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Resources;

/// <summary>Reads resources from their rows.</summary>
internal static class ResourceRows
{
    public const string Columns = "id, type, data, labels, version, created_at, updated_at, deleted_at";

    /// <summary>The current version; null when it is not there, deleted or another tenant's.</summary>
    public static async Task<Resource?> FindAsync(CoreDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(tenant));
        batch.BatchCommands.Add(new($"SELECT {Columns} FROM core.resource WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>The current version, locked until the transaction ends; a deleted one as well.</summary>
    public static async Task<Resource?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection);
        batch.BatchCommands.Add(new($"SELECT {Columns} FROM core.resource WHERE tenant_id = $1 AND id = $2 FOR UPDATE")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Resource Read(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), Labels(reader.GetFieldValue<byte[]>(3)),
            reader.GetInt64(4), reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6))
        {
            DeletedAt = reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
        };

    /// <summary>jsonb has its own order and spacing; the API has one: that of <see cref="Resource.LabelsJson"/>.</summary>
    public static ReadOnlyMemory<byte> Labels(byte[] jsonb) =>
        jsonb.Length <= 2 ? jsonb : Resource.LabelsJson(JsonSerializer.Deserialize<Dictionary<string, string>>(jsonb)!);
}
