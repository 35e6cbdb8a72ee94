using Npgsql;

namespace Platform.Processing.Jobs;

/// <summary>Which of many jobs or workflows are there.</summary>
internal static class ExistingRows
{
    /// <summary>Of all jobs.</summary>
    public const string Jobs = "processing.job";

    /// <summary>Of those that have not ended.</summary>
    public const string AliveJobs = "processing.work_item";

    /// <summary>Of all workflows.</summary>
    public const string Workflows = "processing.workflow";

    /// <param name="table">One of the tables above.</param>
    public static async Task<HashSet<(Guid Tenant, Guid Id)>> FindAsync(
        NpgsqlConnection connection, string table, IReadOnlyCollection<(Guid Tenant, Guid Id)> keys, CancellationToken cancellationToken)
    {
        var found = new HashSet<(Guid, Guid)>();
        if (keys.Count == 0)
        {
            return found;
        }

        await using var select = new NpgsqlCommand(
            $"SELECT t.tenant_id, t.id FROM unnest($1::uuid[], $2::uuid[]) AS k(tenant_id, id) JOIN {table} t ON t.tenant_id = k.tenant_id AND t.id = k.id", connection)
        {
            Parameters = { new() { Value = keys.Select(k => k.Tenant).ToArray() }, new() { Value = keys.Select(k => k.Id).ToArray() } },
        };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        return found;
    }
}
