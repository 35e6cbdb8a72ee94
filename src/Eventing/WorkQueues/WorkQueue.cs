using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>
/// Statements that put work into a service's queue and take it out, as part of the caller's transaction. Call
/// <see cref="WorkSignal{TDatabase}.Set"/> after the commit.
/// </summary>
public static class WorkQueue
{
    /// <summary>The tables of a work queue: given to the <see cref="ServiceDatabase"/> of a service that has one.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromAssembly("work", typeof(WorkQueue).Assembly, "Work");

    /// <summary>Adds one item.</summary>
    public static void Enqueue(NpgsqlBatch batch, string schema, NewWork work) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {schema}.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
            SELECT $1, $2, $3, $4, $5, CASE WHEN at <= now() THEN 1 ELSE 0 END, at - $5 * interval '10 minutes', at
            FROM (SELECT coalesce($6, now()) AS at) t
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = work.TenantId },
                new NpgsqlParameter<Guid> { TypedValue = work.Id },
                new NpgsqlParameter<string> { TypedValue = work.Queue },
                new NpgsqlParameter<string> { TypedValue = work.Lane ?? "" },
                new NpgsqlParameter<short> { TypedValue = (short)work.Priority },
                new() { Value = (object?)work.RunAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        });

    /// <summary>Adds many items with one statement; none for none.</summary>
    public static void EnqueueMany(NpgsqlBatch batch, string schema, IReadOnlyList<NewWork> work)
    {
        if (work.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {schema}.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
            SELECT tenant_id, id, queue, lane, priority, CASE WHEN at <= now() THEN 1 ELSE 0 END, at - priority * interval '10 minutes', at
            FROM (SELECT tenant_id, id, queue, lane, priority, coalesce(run_at, now()) AS at
                  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::timestamptz[])
                      AS w(tenant_id, id, queue, lane, priority, run_at)) t
            """)
        {
            Parameters =
            {
                new() { Value = work.Select(w => w.TenantId).ToArray() },
                new() { Value = work.Select(w => w.Id).ToArray() },
                new() { Value = work.Select(w => w.Queue).ToArray() },
                new() { Value = work.Select(w => w.Lane ?? "").ToArray() },
                new() { Value = work.Select(w => (short)w.Priority).ToArray() },
                new() { Value = work.Select(w => w.RunAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            },
        });
    }

    /// <summary>
    /// Takes an item out, whatever its state; affects no row when it is not there. A running attempt notices within
    /// <see cref="WorkQueueOptions.Watch"/>, and its outcome is refused from the commit on. This must be the transaction's first lock on
    /// the item: workers lock it before the service's own row.
    /// </summary>
    public static NpgsqlBatchCommand Remove(string schema, Guid tenant, Guid id) =>
        new($"DELETE FROM {schema}.work_item WHERE tenant_id = $1 AND id = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };

    /// <summary>Takes items out, whatever their states, as <see cref="Remove"/> does; they are locked.</summary>
    public static NpgsqlBatchCommand RemoveMany(string schema, Guid tenant, Guid[] ids) =>
        new($"DELETE FROM {schema}.work_item WHERE tenant_id = $1 AND id = ANY($2)")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        };

    /// <summary>Gives an item that no worker has another time, another priority, or both; affects no row when a worker has it.</summary>
    /// <param name="runAt">Null to leave it; now when it is past.</param>
    /// <param name="priority">Null to leave it.</param>
    public static NpgsqlBatchCommand Move(string schema, Guid tenant, Guid id, DateTimeOffset? runAt, int? priority) =>
        new($"""
            UPDATE {schema}.work_item w SET state = CASE WHEN t.at <= now() THEN 1 ELSE 0 END, run_at = t.at, priority = t.priority,
                rank = t.at - t.priority * interval '10 minutes'
            FROM (SELECT CASE WHEN $3::timestamptz IS NULL THEN i.run_at ELSE GREATEST($3, now()) END AS at, coalesce($4, i.priority) AS priority
                FROM {schema}.work_item i WHERE i.tenant_id = $1 AND i.id = $2) t
            WHERE w.tenant_id = $1 AND w.id = $2 AND w.state IN (0, 1)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new() { Value = (object?)runAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = (object?)(short?)priority ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Smallint },
            },
        };

    /// <summary>Makes an item that waits for its time ready at once; affects no row when it does not wait.</summary>
    public static NpgsqlBatchCommand MakeReady(string schema, Guid tenant, Guid id) =>
        new($"""
            UPDATE {schema}.work_item SET state = 1, run_at = now(), rank = now() - priority * interval '10 minutes'
            WHERE tenant_id = $1 AND id = $2 AND state = 0
            """)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };
}
