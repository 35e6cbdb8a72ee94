using Npgsql;

namespace Platform.Eventing.WorkQueues;

/// <summary>What a look at the table showed.</summary>
/// <param name="Lanes">Of each queue that was asked for, from behind its cursor and round, at most <see cref="LaneWalk.Most"/>.</param>
/// <param name="Next">Until the first waiting item is due or a rate allows a start; null when neither waits.</param>
/// <param name="Cost">How long it took, by the database.</param>
internal sealed record Look(IReadOnlyList<LaneSeen> Lanes, TimeSpan? Next, TimeSpan Cost);

/// <summary>
/// Looks which lanes have ready work: gives back what dead workers held, readies what is due, and steps through the index from lane to
/// lane, one seek each, however much work a lane has. It takes nothing.
/// </summary>
internal sealed class LaneWalk(string schema, WorkQueueOptions options, TimeProvider clock)
{
    /// <summary>Lanes of a queue that a look shows; the next one goes on where it ended.</summary>
    public const int Most = 64;

    private readonly bool _hasRates = options.Queues.Any(q => q.Limits.Rate is not null || q.TenantLimits.Rate is not null);
    private long _sweptAt;
    private bool _sawLimits;

    private readonly string _walk = $"""
        SELECT a.place, s.tenant_id, s.lane, s.rank,
            EXISTS (SELECT FROM {schema}.work_pause p WHERE p.tenant_id = s.tenant_id AND p.queue = a.queue),
            EXISTS (SELECT FROM {schema}.work_limit l WHERE l.tenant_id = s.tenant_id AND l.queue = a.queue)
        FROM unnest($1::int[], $2::text[], $3::uuid[], $4::text[]) AS a(place, queue, tenant_id, lane) CROSS JOIN LATERAL (
            WITH RECURSIVE walk(tenant_id, lane, rank, round, steps) AS (
                SELECT a.tenant_id, a.lane, NULL::timestamptz, 0, 0
                UNION ALL
                SELECT n.tenant_id, n.lane, n.rank, n.round, w.steps + 1
                FROM walk w CROSS JOIN LATERAL (
                    (SELECT i.tenant_id, i.lane, i.rank, w.round FROM {schema}.work_item i
                     WHERE i.queue = a.queue AND i.state = 1 AND (i.tenant_id, i.lane) > (w.tenant_id, w.lane)
                     ORDER BY i.tenant_id, i.lane, i.rank LIMIT 1)
                    UNION ALL
                    (SELECT i.tenant_id, i.lane, i.rank, 1 FROM {schema}.work_item i
                     WHERE i.queue = a.queue AND i.state = 1 AND w.round = 0
                     ORDER BY i.tenant_id, i.lane, i.rank LIMIT 1)
                    LIMIT 1) n
                WHERE w.steps < {Most} AND (n.round = 0 OR (n.tenant_id, n.lane) <= (a.tenant_id, a.lane)))
            SELECT tenant_id, lane, rank, steps FROM walk WHERE steps > 0) s
        ORDER BY a.place, s.steps
        """;

    /// <summary>Adds a look to a batch; <see cref="ReadAsync"/> reads what it brings.</summary>
    /// <param name="cursors">By the queue's place among the options: where to start.</param>
    public void Add(NpgsqlBatch batch, IReadOnlyList<(int Queue, LaneKey Cursor)> cursors)
    {
        batch.BatchCommands.Add(new("SELECT clock_timestamp()"));
        if (_sweptAt == 0 || clock.GetElapsedTime(_sweptAt) >= options.Lease / 30)
        {
            _sweptAt = clock.GetTimestamp();
            batch.BatchCommands.Add(Ready("state = 2 AND lease_until < now()", "lease_until"));
        }

        batch.BatchCommands.Add(Ready("state = 0 AND run_at <= now()", "run_at"));
        batch.BatchCommands.Add(Walk(cursors));
        batch.BatchCommands.Add(new(_hasRates || _sawLimits
            ? $"""
                SELECT least((SELECT min(run_at) - now() FROM {schema}.work_item WHERE state = 0),
                    (SELECT min(free_at) - now() FROM {schema}.work_rate WHERE free_at > now())), clock_timestamp()
                """
            : $"SELECT min(run_at) - now(), clock_timestamp() FROM {schema}.work_item WHERE state = 0"));
    }

    /// <summary>From the result set on that is next.</summary>
    public async Task<Look> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        var began = reader.GetDateTime(0);
        await reader.NextResultAsync(cancellationToken);
        var lanes = new List<LaneSeen>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lanes.Add(new(reader.GetInt32(0), new(reader.GetGuid(1), reader.GetString(2)), reader.GetDateTime(3), reader.GetBoolean(4), reader.GetBoolean(5)));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        TimeSpan? next = reader.IsDBNull(0) ? null : reader.GetTimeSpan(0);
        _sawLimits = lanes.Exists(l => l.IsLimited);
        return new(lanes, next, reader.GetDateTime(1) - began);
    }

    private NpgsqlBatchCommand Walk(IReadOnlyList<(int Queue, LaneKey Cursor)> cursors) => new(_walk)
    {
        Parameters =
        {
            new NpgsqlParameter<int[]> { TypedValue = [.. cursors.Select(c => c.Queue)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. cursors.Select(c => options.Queues[c.Queue].Name)] },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. cursors.Select(c => c.Cursor.TenantId)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. cursors.Select(c => c.Cursor.Lane)] },
        },
    };

    private NpgsqlBatchCommand Ready(string condition, string order) =>
        new($"""
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id FROM {schema}.work_item WHERE {condition} ORDER BY {order} LIMIT 1000 FOR UPDATE SKIP LOCKED)
            UPDATE {schema}.work_item w SET state = 1, lease_until = NULL FROM due d WHERE w.tenant_id = d.tenant_id AND w.id = d.id
            """);
}
