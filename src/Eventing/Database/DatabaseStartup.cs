using Npgsql;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Database;

/// <summary>Migrations that every service's schema gets besides its own, in the order of registration.</summary>
public sealed record SharedMigrations(MigrationSet Set);

/// <summary>What must be done before the first request: migrations, request pools, stream tables, day partitions.</summary>
public sealed class DatabaseStartup(
    IEnumerable<ServiceDatabase> databases, IEnumerable<SharedMigrations> shared, IEventStream stream)
{
    private static readonly TimeSpan InboxRetention = TimeSpan.FromDays(8);

    /// <exception cref="DatabaseUnavailableException">A database cannot be reached.</exception>
    /// <exception cref="MigrationException">The migrations and the database disagree.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var sets = shared.Select(s => s.Set).ToArray();
        await Task.WhenAll(databases.Select(d => d.InitializeAsync(sets, cancellationToken)));
        await stream.PrepareAsync(cancellationToken);
        await MaintainInboxesAsync(cancellationToken);
    }

    /// <summary>
    /// Day partitions of every inbox. An inbox must remember longer than the events can be read again, or a re-read would
    /// run them twice: groups that read longer topics are idempotent by version and use none. One that fails does not stop the others.
    /// </summary>
    /// <exception cref="AggregateException">What failed.</exception>
    internal async Task MaintainInboxesAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var database in databases)
        {
            try
            {
                await DayPartitions.MaintainAsync(database.System, database.Schema, ["inbox"], 3, InboxRetention, DayPartitions.FirstIdOf, cancellationToken);
                await ForgetOthersAsync(database, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>
    /// Ids without a day (of another system, of a clock far off) are kept as long as the others, from when they were seen. Removed
    /// through the parent, whose policy lets the platform pass.
    /// </summary>
    private static async Task ForgetOthersAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand(
            $"DELETE FROM {database.Schema}.inbox WHERE tableoid = '{database.Schema}.inbox_other'::regclass AND seen_at < now() - $1");
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = InboxRetention });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
