using System.Text.Json;
using Npgsql;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>A version as history shows it: what it was, who made it, when and how.</summary>
internal sealed record HistoryVersion(
    long Number, string Change, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Labels, DateTimeOffset At, string By)
{
    /// <summary>True for the version that a deletion made; it has no data.</summary>
    public bool IsDeletion => Change == ChangeKind.Deleted.Name;

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Number);
        json.WriteString("change", Change);
        json.WritePropertyName("data");
        json.WriteRawValue(Data.Span, skipInputValidation: true);
        json.WritePropertyName("labels");
        json.WriteRawValue(Labels.Span, skipInputValidation: true);
        json.WriteString("updated_at", Rfc3339.Format(At));
        json.WriteString("updated_by", By);
        json.WriteBoolean("deleted", IsDeletion);
        json.WriteEndObject();
    }

    /// <summary>Versions below a number, newest first.</summary>
    public static async Task<List<HistoryVersion>> ReadAsync(
        CoreDatabase database, Guid tenant, Guid id, long before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), Select(tenant, id, before, limit) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var versions = new List<HistoryVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            versions.Add(Read(reader));
        }

        return versions;
    }

    /// <summary>One version of a resource that the transaction has locked; null when there is none of this number.</summary>
    public static async Task<HistoryVersion?> FindAsync(WriteTransaction transaction, Guid id, long number, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { Select(transaction.Tenant, id, number + 1, limit: 1) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && Read(reader) is var version && version.Number == number ? version : null;
    }

    public static HistoryVersion Read(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), ResourceRows.Labels(reader.GetFieldValue<byte[]>(3)),
            reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5));

    private static NpgsqlBatchCommand Select(Guid tenant, Guid id, long before, int limit) =>
        new($"""
            SELECT version, {ChangeKind.OfCurrent}, data, labels, updated_at, updated_by FROM core.resource
            WHERE tenant_id = $1 AND id = $2 AND version < $3
            UNION ALL
            (SELECT version, {ChangeKind.OfEarlier}, data, labels, updated_at, updated_by FROM core.resource_history
             WHERE tenant_id = $1 AND id = $2 AND version < $3 ORDER BY version DESC LIMIT $4)
            ORDER BY version DESC LIMIT $4
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<long> { TypedValue = before },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
}
