using Npgsql;
using NpgsqlTypes;

namespace Platform.Eventing.WorkQueues;

/// <summary>
/// Takes work that is under limits. The claims of such a queue follow one another, by an advisory lock until the commit, so that what one has
/// taken is counted by the next, whichever process makes it: concurrency by the items in workers' hands, rates by <c>work_rate</c>. A
/// tenant that is at its limit is passed over; what the queue allows as a whole goes round the others.
/// </summary>
internal sealed class LimitedTake(string schema)
{
    private readonly string _take = $"""
        WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at),
        offer AS MATERIALIZED (SELECT * FROM unnest($5::uuid[], $6::text[], $7::timestamptz[], $8::int[])
            WITH ORDINALITY AS o(tenant_id, lane, floor, quota, turn)),
        whole AS MATERIALIZED (
            SELECT m.at, r.tat, greatest(0, least($4,
                CASE WHEN $10 IS NOT NULL THEN $10 - (SELECT count(*) FROM {schema}.work_item WHERE queue = $3 AND state = 2 AND limited)::int END,
                {Tokens("$11", "$12")})) AS room
            FROM moment m LEFT JOIN {schema}.work_rate r ON r.tenant_id = '{Guid.Empty}' AND r.queue = $3),
        tenants AS MATERIALIZED (
            SELECT t.tenant_id, least($13, l.concurrency) AS concurrency, greatest($14, l.rate_period / l.rate_limit) AS gap,
                least($15, l.rate_limit) AS burst
            FROM (SELECT DISTINCT tenant_id FROM offer) t LEFT JOIN {schema}.work_limit l ON l.tenant_id = t.tenant_id AND l.queue = $3
            WHERE ($9 OR l.tenant_id IS NOT NULL)
                AND NOT EXISTS (SELECT FROM {schema}.work_pause p WHERE p.tenant_id = t.tenant_id AND p.queue = $3)),
        rooms AS MATERIALIZED (
            SELECT t.*, m.at, r.tat, least($4,
                CASE WHEN concurrency IS NOT NULL THEN concurrency
                    - (SELECT count(*) FROM {schema}.work_item WHERE queue = $3 AND tenant_id = t.tenant_id AND state = 2 AND limited)::int END,
                {Tokens("gap", "burst")}) AS room
            FROM tenants t CROSS JOIN moment m LEFT JOIN {schema}.work_rate r ON r.tenant_id = t.tenant_id AND r.queue = $3),
        ready AS MATERIALIZED (
            SELECT i.tenant_id, i.id, o.turn, r.room, row_number() OVER (PARTITION BY i.tenant_id ORDER BY i.rank) AS nth
            FROM offer o JOIN rooms r ON r.tenant_id = o.tenant_id AND r.room > 0 CROSS JOIN LATERAL (
                SELECT tenant_id, id, rank FROM {schema}.work_item
                WHERE queue = $3 AND tenant_id = o.tenant_id AND lane = o.lane AND state = 1 AND rank >= o.floor
                ORDER BY rank LIMIT least(o.quota, r.room, (SELECT room FROM whole)) FOR UPDATE SKIP LOCKED) i),
        taken AS MATERIALIZED (
            SELECT tenant_id, id FROM ready WHERE nth <= room ORDER BY nth, turn LIMIT (SELECT room FROM whole)),
        spent AS (
            INSERT INTO {schema}.work_rate AS r (tenant_id, queue, tat, free_at)
            SELECT tenant_id, $3, tat, tat - (burst - 1) * gap FROM (
                SELECT t.tenant_id, greatest(t.at, t.tat) + n.starts * t.gap AS tat, t.burst, t.gap
                FROM rooms t JOIN (SELECT tenant_id, count(*) AS starts FROM taken GROUP BY tenant_id) n ON n.tenant_id = t.tenant_id
                WHERE t.gap IS NOT NULL
                UNION ALL
                SELECT '{Guid.Empty}', greatest(w.at, w.tat) + n.starts * $11, $12, $11
                FROM whole w, (SELECT count(*) AS starts FROM taken) n WHERE $11 IS NOT NULL AND n.starts > 0) s
            ON CONFLICT (tenant_id, queue) DO UPDATE SET tat = EXCLUDED.tat, free_at = EXCLUDED.free_at)
        UPDATE {schema}.work_item w
        SET state = 2, token = $1, lease_until = now() + $2, attempt = attempt + 1, limited = true
        FROM taken c WHERE w.tenant_id = c.tenant_id AND w.id = c.id
        RETURNING w.id, w.tenant_id, w.queue, w.lane, w.attempt, w.rank, now() - w.run_at
        """;

    /// <summary>Two commands: the lock, and the claim whose snapshot comes after it. Queues of one transaction come in the order of their names.</summary>
    public void Add(NpgsqlBatch batch, WorkQueueShare queue, int ask, IReadOnlyList<LaneTake> plan, long token, TimeSpan lease)
    {
        batch.BatchCommands.Add(new("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = $"platform.work.{schema}.{queue.Name}" } },
        });
        batch.BatchCommands.Add(new(_take)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = token },
                new NpgsqlParameter<TimeSpan> { TypedValue = lease },
                new NpgsqlParameter<string> { TypedValue = queue.Name },
                new NpgsqlParameter<int> { TypedValue = ask },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. plan.Select(p => p.Lane.TenantId)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. plan.Select(p => p.Lane.Lane)] },
                new() { Value = plan.Select(p => p.Floor).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new NpgsqlParameter<int[]> { TypedValue = [.. plan.Select(p => p.Quota)] },
                new NpgsqlParameter<bool> { TypedValue = queue.HasLimits },
                Number(queue.Limits.Concurrency),
                Gap(queue.Limits.Rate),
                Number(queue.Limits.Rate?.Limit),
                Number(queue.TenantLimits.Concurrency),
                Gap(queue.TenantLimits.Rate),
                Number(queue.TenantLimits.Rate?.Limit),
            },
        });
    }

    /// <summary>Starts that a rate allows now; null without a rate. What is left over of a rounded period is forgiven.</summary>
    private static string Tokens(string gap, string burst) => $"""
        CASE WHEN {gap} IS NOT NULL THEN floor(
            extract(epoch FROM m.at + {burst} * {gap} - greatest(m.at, r.tat)) / extract(epoch FROM {gap}) + 0.001)::int END
        """;

    private static NpgsqlParameter Number(int? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };

    private static NpgsqlParameter Gap(WorkRate? rate) =>
        new() { Value = rate is null ? DBNull.Value : rate.Period / rate.Limit, NpgsqlDbType = NpgsqlDbType.Interval };
}
