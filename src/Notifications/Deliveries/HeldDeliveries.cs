using Npgsql;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// Deliveries to an endpoint that fails wait outside the queue, however many they are: they cost nothing there and keep their attempts. Whoever holds one
/// back or lets one go has the endpoint's row locked.
/// </summary>
internal static class HeldDeliveries
{
    private const string IsHeld = $"d.state = '{DeliveryState.Pending}' AND d.reason = '{DeliveryReason.CircuitOpen}'";

    /// <summary>Lets the oldest go, as many as asked for. Returns their ids.</summary>
    public static NpgsqlBatchCommand Release(Guid tenant, Guid endpoint, int most) =>
        new($"""
            WITH held AS MATERIALIZED (
                SELECT d.id FROM notifications.delivery d WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND {IsHeld} ORDER BY d.id LIMIT $3),
            freed AS (
                UPDATE notifications.delivery d SET reason = NULL, released = true FROM held h
                WHERE d.tenant_id = $1 AND d.id = h.id AND {IsHeld} RETURNING d.id)
            INSERT INTO notifications.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
            SELECT $1, id, '{DeliveryQueue.Name}', {DeliveryQueue.LaneOf("$2")}, {DeliveryQueue.AtOnce} FROM freed RETURNING id
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = endpoint },
                new NpgsqlParameter<int> { TypedValue = most },
            },
        };

    /// <summary>
    /// Holds back deliveries that have just left the queue; the endpoints are locked. Where one has recovered or is gone by now, they go back at once.
    /// </summary>
    /// <param name="tries">Attempts of each that counted so far.</param>
    public static void Hold(NpgsqlBatch batch, Guid[] tenants, Guid[] ids, Guid[] endpoints, int[] tries)
    {
        const string From = """
            unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[]) AS h(tenant_id, id, endpoint_id, tries)
            LEFT JOIN notifications.endpoint e ON e.tenant_id = h.tenant_id AND e.id = h.endpoint_id AND e.circuit <> 'closed'
            """;
        NpgsqlBatchCommand With(string sql) => new(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = tenants },
                new NpgsqlParameter<Guid[]> { TypedValue = ids },
                new NpgsqlParameter<Guid[]> { TypedValue = endpoints },
                new NpgsqlParameter<int[]> { TypedValue = tries },
            },
        };
        batch.BatchCommands.Add(With($"""
            UPDATE notifications.delivery d SET tries = h.tries, next_attempt_at = NULL, released = false,
                reason = CASE WHEN e.id IS NOT NULL THEN '{DeliveryReason.CircuitOpen}' END
            FROM {From} WHERE d.tenant_id = h.tenant_id AND d.id = h.id
            """));
        batch.BatchCommands.Add(With($"""
            INSERT INTO notifications.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
            SELECT h.tenant_id, h.id, '{DeliveryQueue.Name}', {DeliveryQueue.LaneOf("h.endpoint_id")}, {DeliveryQueue.AtOnce} FROM {From} WHERE e.id IS NULL
            """));
    }
}
