using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Database;

namespace Platform.Eventing.WorkQueues;

/// <summary>What a claim brought.</summary>
/// <param name="Items">With the time each was late, in the order to run them within a lane.</param>
/// <param name="Next">Until something may be ready without anybody saying so; null when nothing waits.</param>
/// <param name="More">There may be more at once.</param>
/// <param name="Looked">False where a look is spared until <paramref name="Next"/>.</param>
internal sealed record Claim(IReadOnlyList<(WorkItem Item, TimeSpan Late)> Items, TimeSpan? Next, bool More, bool Looked);

/// <summary>What a claim is for.</summary>
/// <param name="Counts">At most so many items of each queue.</param>
/// <param name="RoomOf">How many of a queue's lane are of use.</param>
/// <param name="IsFlooded">There is enough to do: looks are for those who have nothing here yet.</param>
/// <param name="IsSignalled">Somebody may have put work in since the last claim.</param>
internal sealed record Asks(int[] Counts, Func<int, LaneKey, int> RoomOf, bool IsFlooded, bool IsSignalled);

/// <summary>
/// Takes ready work, lane by lane: a look shows which lanes have some, then equal parts of each are taken. A look that costs much, because
/// the index is full of what is gone and cannot be vacuumed yet, is made so much the rarer; in between, the lanes that are known are
/// taken from where the last claim ended. A claim is fenced by a token that is unique to it: the process's random half and a counter. It
/// needs no sequence, whose numbers could come back after a crash when claims are not flushed; a claim that a crash takes back has run
/// nothing that counts, so claims need not wait for the disk.
/// </summary>
internal sealed class WorkClaims
{
    // Plans that were made while the table was empty must not scan it once it is full, nor sort what an index has in order.
    public const string Settings =
        "-c synchronous_commit=off -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off";

    /// <summary>Looks may take a fifth of the time.</summary>
    private const int Rest = 4;
    private static readonly TimeSpan LeastRest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FloodedRest = TimeSpan.FromMilliseconds(20);

    /// <summary>From this cost of a look on, what lies below the last claim is left to the next look.</summary>
    private static readonly TimeSpan Dear = TimeSpan.FromMilliseconds(5);

    private readonly WorkQueueOptions _options;
    private readonly TimeProvider _clock;
    private readonly NpgsqlDataSource _source;
    private readonly LaneWalk _walk;
    private readonly LimitedTake _limited;
    private readonly KnownLanes[] _lanes;
    private readonly string _take;
    private readonly long _tokenBase = (long)Random.Shared.Next() << 32;
    private uint _tokens;
    private long _lookedAt;
    private readonly TimeSpan[] _costs = new TimeSpan[3];
    private int _looks;

    public WorkClaims(ServiceDatabase database, DataSources sources, WorkQueueOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _source = sources.Get(SessionSettings.Add(database.ConnectionString, Settings), AccessScope.System);
        _walk = new(database.Schema, options, clock);
        _limited = new(database.Schema);
        _lanes = [.. options.Queues.Select(q => new KnownLanes(q.HasLimits))];
        _take = $"""
            WITH taken AS MATERIALIZED (
                SELECT i.tenant_id, i.id
                FROM unnest($3::text[], $4::uuid[], $5::text[], $6::timestamptz[], $7::int[]) AS o(queue, tenant_id, lane, floor, quota)
                CROSS JOIN LATERAL (
                    SELECT tenant_id, id FROM {database.Schema}.work_item
                    WHERE queue = o.queue AND tenant_id = o.tenant_id AND lane = o.lane AND state = 1 AND rank >= o.floor
                    ORDER BY rank LIMIT o.quota FOR UPDATE SKIP LOCKED) i
                WHERE NOT EXISTS (SELECT FROM {database.Schema}.work_pause p WHERE p.tenant_id = o.tenant_id AND p.queue = o.queue)
                    AND NOT EXISTS (SELECT FROM {database.Schema}.work_limit l WHERE l.tenant_id = o.tenant_id AND l.queue = o.queue))
            UPDATE {database.Schema}.work_item w
            SET state = 2, token = $1, lease_until = now() + $2, attempt = attempt + 1, limited = false
            FROM taken c WHERE w.tenant_id = c.tenant_id AND w.id = c.id
            RETURNING w.id, w.tenant_id, w.queue, w.lane, w.attempt, w.rank, now() - w.run_at
            """;
    }

    /// <summary>True where an item that ends may let another one of its queue start.</summary>
    public bool HasLimits(string queue)
    {
        for (var i = 0; i < _lanes.Length; i++)
        {
            if (_lanes[i].HasLimits && string.Equals(_options.Queues[i].Name, queue, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes what is asked for, as far as it is there. <paramref name="noteMore"/> is told of each queue whether there may be more of it. One round
    /// trip where the lanes that are known have it; a second for those that only a look has shown.
    /// </summary>
    public async Task<Claim> ClaimAsync(Asks asks, Action<int, bool> noteMore, CancellationToken cancellationToken)
    {
        if (asks.IsSignalled)
        {
            Array.ForEach(_lanes, l => l.Refresh());
        }

        var rest = RestOf(asks);
        var items = new List<Taken>();
        var more = new bool[_lanes.Length];
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        var next = rest;
        if (rest is null)
        {
            next = await TakeAndLookAsync(connection, asks, items, cancellationToken);
        }

        await TakeAsync(connection, Plan(asks, items), items, more, cancellationToken);
        for (var i = 0; i < more.Length; i++)
        {
            if (asks.Counts[i] > 0)
            {
                // Not taken because there was no room for it, it will be once items end.
                more[i] |= _lanes[i].HasMore || (_lanes[i].IsCut && items.Exists(t => t.Item.Queue == _options.Queues[i].Name));
                noteMore(i, more[i]);
            }
        }

        // Those that are cut off by the length of a look are seen by the next.
        next = Array.Exists(_lanes, l => l.IsCut) && !(next < LeastRest) ? LeastRest : next;
        items.Sort((a, b) => a.Rank.CompareTo(b.Rank));
        return new([.. items.Select(i => (i.Item, i.Late))], next, more.Contains(true), rest is null);
    }

    /// <summary>Of the last looks the quickest: a machine that is busy for a moment says nothing about the table.</summary>
    private TimeSpan Cost => _costs.Min();

    /// <summary>How long no look is to be made; null when one may be.</summary>
    private TimeSpan? RestOf(Asks asks)
    {
        var least = asks.IsFlooded ? FloodedRest : LeastRest;
        var cost = Cost * Rest;
        var rest = (cost > least ? cost : least) - _clock.GetElapsedTime(_lookedAt);
        return _lookedAt != 0 && rest > TimeSpan.Zero ? rest : null;
    }

    /// <summary>What is to be taken of the lanes that are known, beside what this claim already has.</summary>
    private List<LaneTake>[] Plan(Asks asks, List<Taken> items)
    {
        var dear = Cost >= Dear;
        var plans = new List<LaneTake>[_lanes.Length];
        for (var i = 0; i < plans.Length; i++)
        {
            var (queue, name) = (i, _options.Queues[i].Name);
            var left = asks.Counts[i] == 0 ? 0 : asks.Counts[i] - items.Count(t => t.Item.Queue == name);
            plans[i] = left <= 0 ? [] : _lanes[i].Plan(
                left, dear, lane => asks.RoomOf(queue, lane) - items.Count(t => t.Item.Queue == name && t.Item.TenantId == lane.TenantId && t.Item.Lane == lane.Lane));
        }

        return plans;
    }

    private async Task<TimeSpan?> TakeAndLookAsync(NpgsqlConnection connection, Asks asks, List<Taken> items, CancellationToken cancellationToken)
    {
        var plans = Plan(asks, items);
        Array.ForEach(plans, p => p.RemoveAll(t => t.IsLimited));
        var queues = Enumerable.Range(0, _lanes.Length).Where(i => asks.Counts[i] > 0).ToArray();
        var token = NextToken();
        await using var batch = new NpgsqlBatch(connection);
        if (plans.Any(p => p.Count > 0))
        {
            batch.BatchCommands.Add(Take(plans, token));
        }

        var takes = batch.BatchCommands.Count > 0;
        _walk.Add(batch, [.. queues.Select(i => (i, _lanes[i].Cursor))]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (takes)
        {
            await ReadAsync(reader, token, items, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            Note(plans, items);
        }

        var look = await _walk.ReadAsync(reader, cancellationToken);
        foreach (var i in queues)
        {
            var seen = look.Lanes.Where(l => l.Queue == i).ToArray();
            _lanes[i].Replace(seen, seen.Length == LaneWalk.Most);
        }

        _lookedAt = _clock.GetTimestamp();
        _costs[_looks++ % _costs.Length] = look.Cost;
        return look.Next;
    }

    private async Task TakeAsync(NpgsqlConnection connection, List<LaneTake>[] plans, List<Taken> items, bool[] more, CancellationToken cancellationToken)
    {
        var taken = new List<Taken>();
        if (plans.Any(p => p.Exists(t => !t.IsLimited)))
        {
            var token = NextToken();
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Take(plans, token) } };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await ReadAsync(reader, token, taken, cancellationToken);
        }

        var limited = Enumerable.Range(0, plans.Length).Where(i => plans[i].Exists(t => t.IsLimited)).OrderBy(i => _options.Queues[i].Name, StringComparer.Ordinal).ToArray();
        if (limited.Length > 0)
        {
            var token = NextToken();
            await using var batch = new NpgsqlBatch(connection);
            foreach (var i in limited)
            {
                var takes = plans[i].FindAll(t => t.IsLimited);
                _limited.Add(batch, _options.Queues[i], takes.Sum(t => t.Quota), takes, token, _options.Lease);
            }

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                // A lock gives one column, and nothing to read.
                if (reader.FieldCount > 1)
                {
                    await ReadAsync(reader, token, taken, cancellationToken);
                }
            }
            while (await reader.NextResultAsync(cancellationToken));
        }

        var notes = Note(plans, taken);
        for (var i = 0; i < more.Length; i++)
        {
            more[i] |= notes[i];
        }

        items.AddRange(taken);
    }

    private bool[] Note(List<LaneTake>[] plans, List<Taken> taken)
    {
        var more = new bool[plans.Length];
        for (var i = 0; i < plans.Length; i++)
        {
            if (plans[i].Count > 0)
            {
                more[i] = _lanes[i].Note(plans[i], taken.Where(t => t.Item.Queue == _options.Queues[i].Name)
                    .GroupBy(t => new LaneKey(t.Item.TenantId, t.Item.Lane)).ToDictionary(g => g.Key, g => (g.Count(), g.Max(t => t.Rank))));
            }
        }

        return more;
    }

    private long NextToken() => _tokenBase | ++_tokens;

    private NpgsqlBatchCommand Take(List<LaneTake>[] plans, long token) =>
        Take([.. plans.SelectMany((p, i) => p.Where(t => !t.IsLimited).Select(t => (_options.Queues[i].Name, t)))], token);

    private NpgsqlBatchCommand Take(IReadOnlyList<(string Queue, LaneTake Take)> plan, long token) => new(_take)
    {
        Parameters =
        {
            new NpgsqlParameter<long> { TypedValue = token },
            new NpgsqlParameter<TimeSpan> { TypedValue = _options.Lease },
            new NpgsqlParameter<string[]> { TypedValue = [.. plan.Select(p => p.Queue)] },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. plan.Select(p => p.Take.Lane.TenantId)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. plan.Select(p => p.Take.Lane.Lane)] },
            new() { Value = plan.Select(p => p.Take.Floor).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            new NpgsqlParameter<int[]> { TypedValue = [.. plan.Select(p => p.Take.Quota)] },
        },
    };

    private static async Task ReadAsync(NpgsqlDataReader reader, long token, List<Taken> items, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(new(
                new(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4), token),
                reader.GetDateTime(5), reader.GetTimeSpan(6)));
        }
    }

    private sealed record Taken(WorkItem Item, DateTime Rank, TimeSpan Late);
}
