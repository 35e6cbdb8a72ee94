using Npgsql;
using Platform.Analytics.Search.Postgres;
using Platform.Analytics.Usage;
using Platform.Eventing.Database;
using Platform.Eventing.Hosting;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Analytics.Retention;

/// <summary>
/// Makes tomorrow's partitions and removes what is kept no longer: at start, then hourly, in bites. Every instance does it; whoever comes
/// second finds it done.
/// </summary>
internal sealed partial class AnalyticsMaintenance(AnalyticsDatabase database, TimeProvider clock, ILogger<AnalyticsMaintenance> logger)
    : PeriodicWorker(TimeSpan.FromHours(1), clock), IStartupTask
{
    private const int Bite = 5000;
    private const int WordsOfTurn = 1000;
    private static readonly TimeSpan EventRetention = TimeSpan.FromDays(30);

    /// <summary>Two years, so that this year can be held against the last.</summary>
    private static readonly TimeSpan HourRetention = TimeSpan.FromDays(760);

    /// <summary>Longer than an event can be read again from the stream.</summary>
    private static readonly TimeSpan DeletedRetention = TimeSpan.FromDays(8);

    /// <summary>Before the first event is indexed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await MaintainPartitionsAsync(cancellationToken);
        if (!await IsIndexUsableAsync(cancellationToken))
        {
            LogSlow();
        }
    }

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await MaintainPartitionsAsync(cancellationToken);
        var now = Clock.GetUtcNow();
        await DeleteAsync("usage_count", "grain = 'm' AND bucket < $1", now - UsageRequest.MinuteRetention - TimeSpan.FromHours(1), cancellationToken);
        await DeleteAsync("usage_count", "grain = 'h' AND bucket < $1", now - HourRetention, cancellationToken);
        await DeleteAsync("search_resource", "deleted_at < $1", now - DeletedRetention, cancellationToken);
        await DeleteAsync("search_event_other", "occurred_at < $1", now - EventRetention, cancellationToken);
        if (await IsIndexUsableAsync(cancellationToken))
        {
            await Vocabulary.SweepAsync(database, WordsOfTurn, cancellationToken);
        }
    }

    private async Task MaintainPartitionsAsync(CancellationToken cancellationToken)
    {
        await DayPartitions.MaintainAsync(database.System, database.Schema, ["search_event"], 3, EventRetention, DayPartitions.FirstIdOf, cancellationToken);

        // Days that were made before partitions got their parent's row-level security.
        await using var secure = database.System.CreateCommand($"""
            DO $$ DECLARE part regclass; BEGIN
                FOR part IN SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = '{database.Schema}.search_event'::regclass AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                LOOP
                    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
                END LOOP;
            END $$
            """);
        await secure.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task DeleteAsync(string table, string condition, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            // The partition without a day is emptied through its parent, whose policy lets the platform pass.
            var parent = table == "search_event_other" ? "search_event" : table;
            await using var command = database.System.CreateCommand($"""
                DELETE FROM {database.Schema}.{parent} WHERE tableoid = '{database.Schema}.{table}'::regclass AND ctid = ANY (ARRAY(
                    SELECT ctid FROM {database.Schema}.{parent} WHERE tableoid = '{database.Schema}.{table}'::regclass AND {condition} LIMIT {Bite}))
                """);
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.UtcDateTime });
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed == Bite);
    }

    private async Task<bool> IsIndexUsableAsync(CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand("""
            SELECT proleakproof FROM pg_proc WHERE oid = 'pg_catalog.ts_match_vq(tsvector, tsquery)'::regprocedure
            """);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
