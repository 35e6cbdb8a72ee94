using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>What a claim brought.</summary>
/// <param name="Items">With the time each was late, in the order to run them within a queue.</param>
/// <param name="NextDue">Until the first waiting item; null when none waits.</param>
internal sealed record Claim(IReadOnlyList<(WorkItem Item, TimeSpan Late)> Items, TimeSpan? NextDue);

/// <summary>What becomes of a held item in the database.</summary>
internal sealed record Settlement(WorkItem Item, WorkVerdict Verdict, TimeSpan Delay);

/// <summary>
/// The statements on the hot table. All times are the database's. A claim is fenced by a token that is unique to it: the process's
/// random half and a counter. It needs no sequence, whose numbers could come back after a crash when claims are not flushed; a claim that
/// a crash takes back has run nothing that counts, so claims need not wait for the disk.
/// </summary>
internal sealed class WorkStore
{
    // Plans that were made while the table was empty must not scan it once it is full.
    private const string ClaimSettings =
        "-c synchronous_commit=off -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    private const string SettleSettings = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    private readonly string _schema;
    private readonly WorkQueueOptions _options;
    private readonly NpgsqlDataSource _claims;
    private readonly NpgsqlDataSource _settlements;
    private readonly string _claimSql;
    private readonly long _tokenBase = (long)Random.Shared.Next() << 32;
    private uint _tokens;

    public WorkStore(ServiceDatabase database, DataSources sources, WorkQueueOptions options)
    {
        _schema = database.Schema;
        _options = options;
        _claims = sources.Get(With(database.ConnectionString, ClaimSettings), AccessScope.System);
        _settlements = sources.Get(With(database.ConnectionString, SettleSettings), AccessScope.System);
        var queues = options.Queues.Select((q, i) => $"""
            q{i} AS MATERIALIZED (
                SELECT tenant_id, id FROM {_schema}.work_item
                WHERE queue = '{q.Name.Replace("'", "''", StringComparison.Ordinal)}' AND state = 1
                    AND (tenant_id, queue) NOT IN (SELECT tenant_id, queue FROM {_schema}.work_pause)
                ORDER BY rank LIMIT ${i + 3} FOR UPDATE SKIP LOCKED)
            """);
        var union = string.Join(" UNION ALL ", options.Queues.Select((_, i) => $"SELECT tenant_id, id FROM q{i}"));
        _claimSql = $"""
            WITH {string.Join(", ", queues)}
            UPDATE {_schema}.work_item w
            SET state = 2, token = $1, lease_until = now() + $2, attempt = attempt + 1
            FROM ({union}) c WHERE w.tenant_id = c.tenant_id AND w.id = c.id
            RETURNING w.id, w.tenant_id, w.queue, w.lane, w.attempt, w.rank, now() - w.run_at
            """;
    }

    /// <summary>
    /// Gives back what dead workers held, readies what is due, and takes at most <paramref name="asks"/> items of each queue, in one round
    /// trip.
    /// </summary>
    public async Task<Claim> ClaimAsync(IReadOnlyList<int> asks, CancellationToken cancellationToken)
    {
        var token = _tokenBase | ++_tokens;
        var claim = new NpgsqlBatchCommand(_claimSql)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = token }, new NpgsqlParameter<TimeSpan> { TypedValue = _options.Lease } },
        };
        foreach (var ask in asks)
        {
            claim.Parameters.Add(new NpgsqlParameter<long> { TypedValue = ask });
        }

        await using var connection = await _claims.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Move("state = 2 AND lease_until < now()", "lease_until"),
                Move("state = 0 AND run_at <= now()", "run_at"),
                claim,
                new NpgsqlBatchCommand($"SELECT min(run_at) - now() FROM {_schema}.work_item WHERE state = 0"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var items = new List<(WorkItem Item, DateTime Rank, TimeSpan Late)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var item = new WorkItem(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetInt32(4), token);
            items.Add((item, reader.GetDateTime(5), reader.GetTimeSpan(6)));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        TimeSpan? next = reader.IsDBNull(0) ? null : reader.GetTimeSpan(0);
        items.Sort((a, b) => a.Rank.CompareTo(b.Rank));
        return new([.. items.Select(i => (i.Item, i.Late))], next);
    }

    /// <summary>Renews the leases of these items. Returns the ids that are still this worker's.</summary>
    public Task<HashSet<Guid>> RenewAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        ReadIdsAsync(items, $"""
            UPDATE {_schema}.work_item w SET lease_until = now() + $4
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h(tenant_id, id, token)
            WHERE w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.state = 2 RETURNING w.id
            """, new NpgsqlParameter<TimeSpan> { TypedValue = _options.Lease }, cancellationToken);

    /// <summary>Returns the ids that are still this worker's.</summary>
    public Task<HashSet<Guid>> CheckAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        ReadIdsAsync(items, $"""
            SELECT w.id FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h(tenant_id, id, token)
            JOIN {_schema}.work_item w ON w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.state = 2
            """, null, cancellationToken);

    /// <summary>
    /// Removes, reschedules or gives back items and writes the effects of those whose claim still held, in one transaction. Returns the ids
    /// of those.
    /// </summary>
    /// <param name="effects">Given the ids, adds statements.</param>
    public async Task<HashSet<Guid>> SettleAsync(
        IReadOnlyList<Settlement> settlements, Action<NpgsqlBatch, HashSet<Guid>> effects, CancellationToken cancellationToken)
    {
        await using var connection = await _settlements.OpenConnectionAsync(cancellationToken);
        var held = new HashSet<Guid>();
        await using (var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("BEGIN") } })
        {
            var finished = settlements.Where(s => s.Verdict == WorkVerdict.Finish).Select(s => s.Item).ToArray();
            if (finished.Length > 0)
            {
                batch.BatchCommands.Add(With(new($"""
                    DELETE FROM {_schema}.work_item w USING unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS h(tenant_id, id, token)
                    WHERE w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.state = 2 RETURNING w.id
                    """), finished));
            }

            var later = settlements.Where(s => s.Verdict != WorkVerdict.Finish).ToArray();
            if (later.Length > 0)
            {
                batch.BatchCommands.Add(Reschedule(later));
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

    private NpgsqlBatchCommand Reschedule(Settlement[] later) =>
        With(new($"""
            UPDATE {_schema}.work_item w
            SET state = CASE WHEN h.delay > interval '0' THEN 0 ELSE 1 END, lease_until = NULL, attempt = attempt - h.uncounted,
                run_at = CASE WHEN h.delay > interval '0' THEN now() + h.delay ELSE run_at END,
                rank = CASE WHEN h.delay > interval '0' THEN now() + h.delay - priority * interval '10 minutes' ELSE rank END
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::interval[], $5::int[]) AS h(tenant_id, id, token, delay, uncounted)
            WHERE w.tenant_id = h.tenant_id AND w.id = h.id AND w.token = h.token AND w.state = 2 RETURNING w.id
            """), [.. later.Select(s => s.Item)],
            new() { Value = later.Select(s => s.Delay).ToArray() },
            new() { Value = later.Select(s => s.Verdict == WorkVerdict.Postpone ? 1 : 0).ToArray() });

    private NpgsqlBatchCommand Move(string condition, string order) =>
        new($"""
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id FROM {_schema}.work_item WHERE {condition} ORDER BY {order} LIMIT 1000 FOR UPDATE SKIP LOCKED)
            UPDATE {_schema}.work_item w SET state = 1, lease_until = NULL FROM due d WHERE w.tenant_id = d.tenant_id AND w.id = d.id
            """);

    private async Task<HashSet<Guid>> ReadIdsAsync(
        IReadOnlyList<WorkItem> items, string sql, NpgsqlParameter? parameter, CancellationToken cancellationToken)
    {
        var ids = new HashSet<Guid>();
        await using var connection = await _claims.OpenConnectionAsync(cancellationToken);
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

    private static string With(string connectionString, string settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = string.IsNullOrEmpty(builder.Options) ? settings : $"{builder.Options} {settings}";
        return builder.ConnectionString;
    }
}
