using Npgsql;
using Platform.Eventing.Database;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>Reads on behalf of a caller: the tenant is set and the statement runs in one round trip.</summary>
public static class TenantRead
{
    /// <summary>Every row.</summary>
    public static async Task<List<T>> ListAsync<T>(
        ServiceDatabase database, Guid tenant, NpgsqlBatchCommand select, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        return await ListAsync(connection, tenant, select, read, cancellationToken);
    }

    /// <summary>Every row, on a connection of the caller's choice.</summary>
    public static async Task<List<T>> ListAsync<T>(
        NpgsqlConnection connection, Guid tenant, NpgsqlBatchCommand select, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), select } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var found = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(read(reader));
        }

        return found;
    }

    /// <summary>The first row; null where there is none.</summary>
    public static async Task<T?> FindAsync<T>(
        ServiceDatabase database, Guid tenant, NpgsqlBatchCommand select, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), select } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : null;
    }
}
