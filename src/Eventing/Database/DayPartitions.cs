using System.Globalization;
using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>
/// Keeps a range-partitioned table's days: <c>table_20260131</c>. Old days are dropped whole, which leaves no dead rows and
/// costs the same whatever they held.
/// </summary>
public static class DayPartitions
{
    /// <summary>Serialises maintenance of one schema until the transaction ends.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT pg_advisory_xact_lock(hashtextextended('platform.partitions.{schema}', 0))", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes today's partition and <paramref name="daysAhead"/> more by the database's clock (UTC), drops those whose last moment is older than <paramref name="retention"/>.</summary>
    /// <param name="bound">SQL literal of the lower bound of a day.</param>
    public static async Task MaintainAsync(
        NpgsqlConnection connection, string schema, string table, int daysAhead, TimeSpan retention,
        Func<DateOnly, string> bound, CancellationToken cancellationToken)
    {
        var (today, existing) = await ReadAsync(connection, schema, table, cancellationToken);
        var oldest = today.AddDays(-(int)Math.Ceiling(retention.TotalDays) - 1);
        var statements = Enumerable.Range(0, daysAhead + 1)
            .Select(today.AddDays)
            .Where(day => !existing.Contains(day))
            .Select(day => $"CREATE TABLE {schema}.{Name(table, day)} PARTITION OF {schema}.{table} FOR VALUES FROM ({bound(day)}) TO ({bound(day.AddDays(1))})")
            .Concat(existing.Where(day => day < oldest).Select(day => $"DROP TABLE {schema}.{Name(table, day)}"))
            .ToArray();
        if (statements.Length > 0)
        {
            await using var command = new NpgsqlCommand(string.Join(";\n", statements), connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<(DateOnly Today, HashSet<DateOnly> Existing)> ReadAsync(
        NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date, NULL
            UNION ALL
            SELECT NULL, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = ($1 || '.' || $2)::regclass
            """, connection)
        {
            Parameters = { new() { Value = schema }, new() { Value = table } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var today = DateOnly.MinValue;
        var existing = new HashSet<DateOnly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken))
            {
                today = reader.GetFieldValue<DateOnly>(0);
            }
            else if (DateOnly.TryParseExact(reader.GetString(1)[^8..], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                existing.Add(day);
            }
        }

        return (today, existing);
    }

    private static string Name(string table, DateOnly day) => $"{table}_{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";
}
