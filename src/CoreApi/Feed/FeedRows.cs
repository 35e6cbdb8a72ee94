using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Feed;

/// <summary>Where a tenant's feed ends and begins.</summary>
/// <param name="Head">The last position; 0 before the first event.</param>
/// <param name="Floor">The last position that is no longer kept; 0 while all are.</param>
internal sealed record FeedEnds(long Head, long Floor);

/// <summary>A part of a tenant's feed.</summary>
/// <param name="Scanned">Every event up to this position was looked at.</param>
internal sealed record FeedPage(IReadOnlyList<FeedEvent> Events, long Scanned, FeedEnds Ends);

/// <summary>Reads the feed from its tables.</summary>
internal static class FeedRows
{
    /// <summary>Positions that one statement looks at, so that a filter which nothing fits does not hold a connection for long.</summary>
    public const int MaxScan = 10_000;

    /// <summary>Bytes of data after which a page ends.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    public const string Columns = "position, event_id, type, subject, labels::text, occurred_at, recorded_at, data";

    public static FeedEvent Read(NpgsqlDataReader reader, int first = 0) => new(
        reader.GetInt64(first), reader.GetGuid(first + 1), reader.GetString(first + 2), reader.GetString(first + 3),
        reader.GetFieldValue<DateTimeOffset>(first + 5), reader.GetFieldValue<byte[]>(first + 7),
        FeedEvent.ParseLabels(reader.IsDBNull(first + 4) ? null : reader.GetString(first + 4)), reader.GetFieldValue<DateTimeOffset>(first + 6));

    /// <summary>Null when it is not there, no longer kept, or another tenant's.</summary>
    public static async Task<FeedEvent?> FindAsync(CoreDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(tenant));
        batch.BatchCommands.Add(new($"""
            SELECT {Columns} FROM core.feed_event WHERE tenant_id = $1 AND event_id = $2
              AND position > (SELECT floor FROM core.feed_head WHERE tenant_id = $1)
            """)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public static async Task<FeedEnds> ReadEndsAsync(CoreDatabase database, Guid tenant, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), Ends(tenant) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await ReadEndsAsync(reader, cancellationToken);
    }

    /// <summary>
    /// The next events after a position. The head is read before the events: what it counts is there for the statement that follows. The floor is read after them: where
    /// a day went away in between, it was raised before, and what is missing is known to be missing.
    /// </summary>
    public static async Task<FeedPage> ReadAsync(
        CoreDatabase database, Guid tenant, EventFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), Ends(tenant), Select(tenant, filter, after, limit), Ends(tenant) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var before = await ReadEndsAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var events = new List<FeedEvent>();
        var bytes = 0;
        var isCut = false;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (bytes > MaxBytes)
            {
                isCut = true;
                continue;
            }

            events.Add(Read(reader));
            bytes += events[^1].Data.Length;
        }

        await reader.NextResultAsync(cancellationToken);
        var floor = (await ReadEndsAsync(reader, cancellationToken)).Floor;
        isCut |= events.Count == limit;
        var scanned = isCut ? events[^1].Position : Math.Max(Math.Min(before.Head, after + MaxScan), events.Count > 0 ? events[^1].Position : after);
        return new([.. events.Where(e => e.Position > floor)], Math.Max(scanned, floor), before with { Floor = floor });
    }

    private static NpgsqlBatchCommand Ends(Guid tenant) =>
        new("SELECT position, floor FROM core.feed_head WHERE tenant_id = $1") { Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant } } };

    private static async Task<FeedEnds> ReadEndsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken) ? new(reader.GetInt64(0), reader.GetInt64(1)) : new(0, 0);

    private static NpgsqlBatchCommand Select(Guid tenant, EventFilter filter, long after, int limit)
    {
        var select = new NpgsqlBatchCommand();
        string Bind(NpgsqlParameter parameter)
        {
            select.Parameters.Add(parameter);
            return "$" + select.Parameters.Count;
        }

        var where = new List<string>
        {
            $"tenant_id = {Bind(new NpgsqlParameter<Guid> { TypedValue = tenant })}",
            $"position > {Bind(new NpgsqlParameter<long> { TypedValue = after })}",
            $"position <= {Bind(new NpgsqlParameter<long> { TypedValue = after + MaxScan })}",
        };
        if (filter.Types.Count > 0 && !filter.Types.Contains(EventTypePattern.All))
        {
            var below = filter.Types.Where(t => t.EndsWith('*')).Select(t => t[..^1]).ToArray();
            where.Add($"(type = ANY ({Bind(new NpgsqlParameter<string[]> { TypedValue = [.. filter.Types] })}) OR type ^@ ANY ({Bind(new NpgsqlParameter<string[]> { TypedValue = below })}))");
        }

        if (filter.Subjects.Count > 0)
        {
            where.Add($"subject = ANY ({Bind(new NpgsqlParameter<string[]> { TypedValue = [.. filter.Subjects] })})");
        }

        if (filter.Labels.Count > 0)
        {
            where.Add($"labels @> {Bind(new() { Value = System.Text.Json.JsonSerializer.Serialize(filter.Labels), NpgsqlDbType = NpgsqlDbType.Jsonb })}");
        }

        select.CommandText = $"""
            SELECT {Columns} FROM core.feed_event WHERE {string.Join(" AND ", where)}
            ORDER BY position LIMIT {Bind(new NpgsqlParameter<int> { TypedValue = limit })}
            """;
        return select;
    }
}
