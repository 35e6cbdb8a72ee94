using Npgsql;

namespace Platform.Analytics.Usage;

/// <summary>What usage can be grouped by.</summary>
internal static class Dimension
{
    public const string Type = "type";
    public const string Queue = "queue";
    public const string ApiKey = "api_key";
    public const string Status = "status";

    public static IReadOnlyList<string> All { get; } = [Type, ApiKey, Status, Queue];
}

/// <summary>The counts of one batch, gathered in memory and written as one statement.</summary>
internal sealed class UsageCounts
{
    private const int MaxValueLength = 200;
    private readonly Dictionary<(Guid Tenant, string Dimension, char Grain, DateTime Bucket, string Value), long> _counts = [];

    /// <param name="time">Event time: a late event counts where it happened.</param>
    public void Add(Guid tenant, string dimension, DateTimeOffset time, string value, long count)
    {
        var utc = time.UtcDateTime;
        var clean = Clean(value);
        Increment((tenant, dimension, 'm', Floor(utc, TimeSpan.TicksPerMinute), clean), count);
        Increment((tenant, dimension, 'h', Floor(utc, TimeSpan.TicksPerHour), clean), count);
    }

    public async Task WriteAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        if (_counts.Count == 0)
        {
            return;
        }

        // Rows are locked in key order, so two instances that count the same minute wait for each other and never in a circle.
        await using var command = new NpgsqlCommand($"""
            INSERT INTO {schema}.usage_count AS u (tenant_id, dimension, grain, bucket, value, count)
            SELECT tenant_id, dimension, grain::"char", bucket, value, count
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::bigint[])
                AS c(tenant_id, dimension, grain, bucket, value, count)
            ORDER BY tenant_id, dimension COLLATE "C", grain COLLATE "C", bucket, value COLLATE "C"
            ON CONFLICT (tenant_id, dimension, grain, bucket, value) DO UPDATE SET count = u.count + excluded.count
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. _counts.Keys.Select(k => k.Tenant)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. _counts.Keys.Select(k => k.Dimension)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. _counts.Keys.Select(k => k.Grain.ToString())] },
                new NpgsqlParameter<DateTime[]> { TypedValue = [.. _counts.Keys.Select(k => k.Bucket)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. _counts.Keys.Select(k => k.Value)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. _counts.Values] },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DateTime Floor(DateTime time, long ticks) => new(time.Ticks - (time.Ticks % ticks), DateTimeKind.Utc);

    /// <summary>What a text column and its index can hold.</summary>
    private static string Clean(string value)
    {
        var clean = value.Contains('\0', StringComparison.Ordinal) ? value.Replace('\0', ' ') : value;
        if (clean.Length <= MaxValueLength)
        {
            return clean;
        }

        return clean[..(char.IsHighSurrogate(clean[MaxValueLength - 1]) ? MaxValueLength - 1 : MaxValueLength)];
    }

    private void Increment((Guid, string, char, DateTime, string) key, long count)
    {
        _counts.TryGetValue(key, out var before);
        _counts[key] = before + count;
    }
}
