using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>A queue over all tenants.</summary>
/// <param name="Depth">
/// Items that are ready: exact up to <see cref="WorkStatusQuery.Counted"/>; beyond, what the index had when it was last vacuumed, less what is counted of others.
/// </param>
/// <param name="OldestSeconds">For how long the oldest ready item has been due; of a queue that is not counted to its end, of those looked at.</param>
/// <param name="Running">Items in workers' hands.</param>
internal sealed record QueueSeen(string Queue, long Depth, double OldestSeconds, long Running);

/// <param name="DeadRows">Of the work table: deleted or overwritten, and not vacuumed yet.</param>
/// <param name="SnapshotSeconds">Since when the oldest open transaction of the database may see what is gone; of other roles' sessions only where the role may see them.</param>
internal sealed record WorkSeen(IReadOnlyList<QueueSeen> Queues, long DeadRows, double SnapshotSeconds);

/// <summary>Looks at a work table as a whole, at a cost that does not grow with it.</summary>
internal sealed class WorkStatusQuery(string schema, NpgsqlDataSource source)
{
    /// <summary>Ready items of a queue that are counted one by one.</summary>
    public const int Counted = 10_000;

    /// <summary>Queues: those that are asked for, and any that the table has.</summary>
    private readonly string _sql = $"""
        WITH RECURSIVE there(queue) AS (
            (SELECT queue FROM {schema}.work_item WHERE state = 1 ORDER BY queue LIMIT 1)
            UNION ALL
            SELECT (SELECT w.queue FROM {schema}.work_item w WHERE w.state = 1 AND w.queue > t.queue ORDER BY w.queue LIMIT 1)
            FROM there t WHERE t.queue IS NOT NULL),
        running AS (
            SELECT queue, count(*) AS items FROM {schema}.work_item WHERE state = 2 AND lease_until > now() GROUP BY queue),
        names AS (
            SELECT unnest($1::text[]) AS queue UNION SELECT queue FROM there WHERE queue IS NOT NULL UNION SELECT queue FROM running)
        SELECT n.queue, c.items, greatest(0, coalesce(extract(epoch FROM now() - c.oldest), 0))::float8, coalesce(r.items, 0)
        FROM names n LEFT JOIN running r ON r.queue = n.queue CROSS JOIN LATERAL (
            SELECT count(*) AS items, min(run_at) AS oldest
            FROM (SELECT run_at FROM {schema}.work_item WHERE queue = n.queue AND state = 1 LIMIT {Counted}) i) c
        """;

    private readonly string _table = $"""
        SELECT greatest(0, (SELECT reltuples FROM pg_class WHERE oid = '{schema}.work_item_ready'::regclass))::bigint,
            coalesce((SELECT n_dead_tup FROM pg_stat_all_tables WHERE relid = '{schema}.work_item'::regclass), 0),
            coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity
                WHERE datname = current_database() AND backend_xmin IS NOT NULL AND backend_type IN ('client backend', 'walsender')), 0)::float8
        """;

    public async Task<WorkSeen> ReadAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(_sql) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. queues] } } }, new(_table) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var seen = new List<QueueSeen>();
        while (await reader.ReadAsync(cancellationToken))
        {
            seen.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetDouble(2), reader.GetInt64(3)));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(Estimate(seen, reader.GetInt64(0)), reader.GetInt64(1), reader.GetDouble(2));
    }

    /// <summary>Queues that were not counted to their end share what the index has beyond the others.</summary>
    internal static IReadOnlyList<QueueSeen> Estimate(IReadOnlyList<QueueSeen> seen, long inIndex)
    {
        var uncounted = seen.Count(q => q.Depth >= Counted);
        var rest = inIndex - seen.Where(q => q.Depth < Counted).Sum(q => q.Depth);
        return uncounted == 0 ? seen : [.. seen.Select(q => q.Depth < Counted ? q : q with { Depth = Math.Max(Counted, rest / uncounted) })];
    }
}
