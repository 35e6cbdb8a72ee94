using System.Collections.Concurrent;
using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Feed;

/// <summary>
/// Reads the feeds of all tenants that have listeners, one query for all of them: woken when this process has recorded events, and every now and then for
/// what other instances recorded. Listeners read what it read, so the database sees one reader a process, however many clients there are.
/// </summary>
internal sealed partial class FeedHub(CoreDatabase database, FeedOptions options, TimeProvider clock, ILogger<FeedHub> logger) : BackgroundService
{
    /// <summary>Most events of a tenant in one turn.</summary>
    private const int MaxOfTurn = 200;

    /// <summary>How long the latest events of a tenant are kept after its last listener left: clients that lost their connection come back.</summary>
    private static readonly TimeSpan KeepIdle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<Guid, Lazy<Task<TenantFeed>>> _tenants = new();
    private readonly AsyncSignal _signal = new();

    /// <summary>Listeners that have fallen behind, or resume from long ago, take turns: they must not take the pool from everybody else.</summary>
    public SemaphoreSlim Pages { get; } = new(4, 4);

    /// <summary>Events were recorded.</summary>
    public void Wake()
    {
        if (!_tenants.IsEmpty)
        {
            _signal.Set();
        }
    }

    /// <summary>The tenant's feed, to be left again.</summary>
    public async ValueTask<TenantFeed> JoinAsync(Guid tenant, CancellationToken cancellationToken)
    {
        while (true)
        {
            var opening = _tenants.GetOrAdd(tenant, t => new(() => OpenAsync(t)));
            TenantFeed feed;
            try
            {
                feed = await opening.Value.WaitAsync(cancellationToken);
            }
            catch (Exception) when (opening.Value.IsFaulted)
            {
                _tenants.TryRemove(KeyValuePair.Create(tenant, opening));
                throw;
            }

            if (feed.TryJoin())
            {
                _signal.Set();
                return feed;
            }
        }
    }

    public void Leave(TenantFeed feed) => feed.Leave(clock.GetTimestamp());

    public override void Dispose()
    {
        Pages.Dispose();
        base.Dispose();
    }

    /// <summary>One look at the tables; true when there is more.</summary>
    internal async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var feeds = OpenFeeds();
        if (feeds.Count == 0)
        {
            return false;
        }

        await using var select = database.System.CreateCommand($"""
            SELECT t.tenant_id, COALESCE(h.position, 0) AS head, e.*
            FROM unnest($1::uuid[], $2::bigint[]) AS t (tenant_id, after)
            LEFT JOIN core.feed_head h ON h.tenant_id = t.tenant_id
            LEFT JOIN LATERAL (
                SELECT {FeedRows.Columns} FROM core.feed_event f WHERE f.tenant_id = t.tenant_id AND f.position > t.after ORDER BY f.position LIMIT {MaxOfTurn}
            ) e ON true
            WHERE COALESCE(h.position, 0) <> t.after
            ORDER BY t.tenant_id, e.position
            """);
        select.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. feeds.Keys] });
        select.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. feeds.Values.Select(f => f.Head)] });
        var events = new List<FeedEvent>();
        var current = Guid.Empty;
        var isMore = false;
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var tenant = reader.GetGuid(0);
            if (tenant != current)
            {
                Deliver(feeds, current, events);
                current = tenant;
            }

            if (reader.IsDBNull(2))
            {
                feeds[tenant].Reset(reader.GetInt64(1));
                continue;
            }

            events.Add(FeedRows.Read(reader, 2));
            isMore |= events.Count == MaxOfTurn;
        }

        Deliver(feeds, current, events);
        return isMore;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Sweep();
                if (!await RunOnceAsync(stoppingToken))
                {
                    await _signal.WaitAsync(_tenants.IsEmpty ? KeepIdle : options.Poll, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(e);
                await Task.Delay(RetryDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<TenantFeed> OpenAsync(Guid tenant) =>
        new(tenant, (await FeedRows.ReadEndsAsync(database, tenant, CancellationToken.None)).Head, options, clock.GetTimestamp());

    private Dictionary<Guid, TenantFeed> OpenFeeds()
    {
        var feeds = new Dictionary<Guid, TenantFeed>();
        foreach (var (tenant, opening) in _tenants)
        {
            if (opening is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            {
                feeds[tenant] = opening.Value.Result;
            }
        }

        return feeds;
    }

    private void Deliver(Dictionary<Guid, TenantFeed> feeds, Guid tenant, List<FeedEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        feeds[tenant].Append(events);
        FeedTelemetry.Lag.Record(Math.Max(0, (clock.GetUtcNow() - events[0].RecordedAt).TotalSeconds));
        events.Clear();
    }

    private void Sweep()
    {
        foreach (var (tenant, opening) in _tenants)
        {
            if (opening is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && opening.Value.Result is var feed
                && clock.GetElapsedTime(feed.IdleSince) > KeepIdle && feed.TryClose())
            {
                _tenants.TryRemove(KeyValuePair.Create(tenant, opening));
            }
        }
    }

    [LoggerMessage(3401, LogLevel.Error, "Reading the event feed failed; streams wait and it is tried again")]
    private partial void LogFailed(Exception exception);
}
