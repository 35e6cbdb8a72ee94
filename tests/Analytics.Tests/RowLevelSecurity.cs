using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Analytics;

/// <summary>What a query sees that has no condition at all.</summary>
internal static class RowLevelSecurity
{
    /// <param name="tenant">As the request says; null for a request that forgot to.</param>
    public static async Task<long> CountAsync(ServiceDatabase database, string table, Guid? tenant)
    {
        await using var connection = await database.Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        if (tenant is { } id)
        {
            batch.BatchCommands.Add(TenantScope.Set(id));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT count(*) FROM {database.Schema}.{table}"));
        await using var reader = await batch.ExecuteReaderAsync();
        if (tenant is not null)
        {
            await reader.NextResultAsync();
        }

        await reader.ReadAsync();
        return reader.GetInt64(0);
    }
}
