using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Hosting;
using Platform.ServiceDefaults.Hosting;

namespace Platform.CoreApi.Feed;

/// <summary>
/// Makes the days of the feed and drops those that are older than the retention: at start, then hourly, on every instance; whoever comes second finds it done.
/// The floors are raised and committed before a day goes, so that a reader who misses events is always told so.
/// </summary>
internal sealed partial class FeedDays(CoreDatabase database, FeedOptions options, TimeProvider clock, ILogger<FeedDays> logger)
    : PeriodicWorker(TimeSpan.FromHours(1), clock), IStartupTask
{
    private const int DaysAhead = 3;

    /// <summary>Before the first event is recorded.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => RunOnceAsync(cancellationToken);

    public override Task RunOnceAsync(CancellationToken cancellationToken) =>
        DayPartitions.MaintainAsync(
            database.System, database.Schema, ["feed_event"], DaysAhead, options.Retention, day => $"'{day:yyyy-MM-dd}T00:00:00Z'", cancellationToken, RaiseFloorsAsync);

    private async Task RaiseFloorsAsync(DateOnly day, CancellationToken cancellationToken)
    {
        var end = day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);

        // Heads are locked in the order of tenants, as the events' writers do, and only once the search through the day is over.
        await using (var raise = database.System.CreateCommand("""
            WITH gone AS MATERIALIZED (
                SELECT tenant_id, max(position) AS position FROM core.feed_event WHERE recorded_at < $1 GROUP BY tenant_id
            ), locked AS MATERIALIZED (
                SELECT h.tenant_id, g.position FROM core.feed_head h JOIN gone g USING (tenant_id) ORDER BY h.tenant_id FOR UPDATE OF h
            )
            UPDATE core.feed_head h SET floor = GREATEST(h.floor, l.position) FROM locked l WHERE l.tenant_id = h.tenant_id
            """))
        {
            raise.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = end });
            await raise.ExecuteNonQueryAsync(cancellationToken);
        }

        // What lies in the partition without a day (a clock that was far off) is taken along by no day.
        await using var delete = database.System.CreateCommand(
            "DELETE FROM core.feed_event WHERE tableoid = 'core.feed_event_other'::regclass AND recorded_at < $1");
        delete.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = end });
        await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(3402, LogLevel.Error, "Making and dropping the days of the event feed failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);
}
