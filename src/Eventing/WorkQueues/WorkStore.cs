using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>What becomes of a held item in the database.</summary>
internal sealed record Settlement(WorkItem Item, WorkVerdict Verdict, TimeSpan Delay);

/// <summary>
/// The statements on items in hand, each fenced by the token of its claim. All times are the database's.
/// </summary>
internal sealed class WorkStore(ServiceDatabase database, DataSources sources, WorkQueueOptions options)
{
    // Plans that were made while the table was empty must not scan it once it is full. Nor may an item be looked for among all that are held,
    // which of an empty table costs as much as by its key: that it is held is asked of its lease, which the partial indexes do not know.
    private const string Settings = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    private readonly string _schema = database.Schema;
    private readonly NpgsqlDataSource _source = sources.Get(SessionSettings.Add(database.ConnectionString, Settings), AccessScope.System);

    /// <summary>Renews the leases of these items. Returns the ids that are still this worker's.</summary>
    public Task<HashSet<Guid>> RenewAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        ReadIdsAsync(items, $"""
            UPDATE {_schema}.work_item w SET lease_until = now() + $4
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h(tenant_id, id, token)
            WHERE w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.lease_until IS NOT NULL RETURNING w.id
            """, new NpgsqlParameter<TimeSpan> { TypedValue = options.Lease }, cancellationToken);

    /// <summary>Returns the ids that are still this worker's.</summary>
    public Task<HashSet<Guid>> CheckAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        ReadIdsAsync(items, $"""
            SELECT w.id FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h(tenant_id, id, token)
            JOIN {_schema}.work_item w ON w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.lease_until IS NOT NULL
            """, null, cancellationToken);

    /// <summary>
    /// Removes, reschedules or gives back items and writes the effects of those whose claim still held, in one transaction. Returns the ids
    /// of those.
    /// </summary>
    /// <param name="effects">Given the ids, adds statements; asked again where not all claims held.</param>
    public async Task<HashSet<Guid>> SettleAsync(
        IReadOnlyList<Settlement> settlements, Action<NpgsqlBatch, HashSet<Guid>> effects, CancellationToken cancellationToken)
    {
        try
        {
            return await SettleAllAsync(settlements, effects, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            return await SettleHeldAsync(settlements, effects, cancellationToken);
        }
    }

    /// <summary>In one round trip, which ends in a division by zero where any of the claims is lost.</summary>
    private async Task<HashSet<Guid>> SettleAllAsync(
        IReadOnlyList<Settlement> settlements, Action<NpgsqlBatch, HashSet<Guid>> effects, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("BEGIN") } };
        foreach (var change in Changes(settlements))
        {
            change.CommandText = $"WITH changed AS ({change.CommandText}) SELECT 1 / (count(*) = cardinality($1))::int FROM changed";
            batch.BatchCommands.Add(change);
        }

        var all = settlements.Select(s => s.Item.Id).ToHashSet();
        effects(batch, all);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return all;
    }

    private async Task<HashSet<Guid>> SettleHeldAsync(
        IReadOnlyList<Settlement> settlements, Action<NpgsqlBatch, HashSet<Guid>> effects, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        var held = new HashSet<Guid>();
        await using (var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("BEGIN") } })
        {
            foreach (var change in Changes(settlements))
            {
                batch.BatchCommands.Add(change);
            }

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    held.Add(reader.GetGuid(0));
                }
            }
            while (await reader.NextResultAsync(cancellationToken));
        }

        await using var finish = new NpgsqlBatch(connection);
        effects(finish, held);
        finish.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await finish.ExecuteNonQueryAsync(cancellationToken);
        return held;
    }

    /// <summary>At most one statement that removes and one that reschedules, the tenants first among their parameters; each returns the ids of those that held.</summary>
    private IEnumerable<NpgsqlBatchCommand> Changes(IReadOnlyList<Settlement> settlements)
    {
        var finished = settlements.Where(s => s.Verdict == WorkVerdict.Finish).Select(s => s.Item).ToArray();
        if (finished.Length > 0)
        {
            yield return With(new($"""
                DELETE FROM {_schema}.work_item w USING unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h(tenant_id, id, token)
                WHERE w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.lease_until IS NOT NULL RETURNING w.id
                """), finished);
        }

        var later = settlements.Where(s => s.Verdict != WorkVerdict.Finish).ToArray();
        if (later.Length > 0)
        {
            yield return Reschedule(later);
        }
    }

    private NpgsqlBatchCommand Reschedule(Settlement[] later) =>
        With(new($"""
            UPDATE {_schema}.work_item w
            SET state = CASE WHEN h.delay > interval '0' THEN 0 ELSE 1 END, lease_until = NULL, attempt = attempt - h.uncounted,
                run_at = CASE WHEN h.delay > interval '0' THEN now() + h.delay ELSE run_at END,
                rank = CASE WHEN h.delay > interval '0' THEN now() + h.delay - priority * interval '10 minutes' ELSE rank END
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::interval[], $5::int[]) AS h(tenant_id, id, token, delay, uncounted)
            WHERE w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.lease_until IS NOT NULL RETURNING w.id
            """), [.. later.Select(s => s.Item)],
            new() { Value = later.Select(s => s.Delay).ToArray() },
            new() { Value = later.Select(s => s.Verdict == WorkVerdict.Postpone ? 1 : 0).ToArray() });

    private async Task<HashSet<Guid>> ReadIdsAsync(
        IReadOnlyList<WorkItem> items, string sql, NpgsqlParameter? parameter, CancellationToken cancellationToken)
    {
        var ids = new HashSet<Guid>();
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { With(new(sql), items, parameter is null ? [] : [parameter]) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    private static NpgsqlBatchCommand With(NpgsqlBatchCommand command, IReadOnlyList<WorkItem> items, params NpgsqlParameter[] more)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. items.Select(i => i.TenantId)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. items.Select(i => i.Id)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. items.Select(i => i.Token)] });
        command.Parameters.AddRange(more);
        return command;
    }
}
