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
    /// run them twice: groups that read longer topics are idempotent by version and use none.
    /// </summary>
    internal async Task MaintainInboxesAsync(CancellationToken cancellationToken)
    {
        foreach (var database in databases)
        {
            await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await DayPartitions.LockAsync(connection, database.Schema, cancellationToken);
            await DayPartitions.MaintainAsync(connection, database.Schema, "inbox", 3, InboxRetention, FirstIdOf, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>The smallest UUIDv7 of a day.</summary>
    private static string FirstIdOf(DateOnly day)
    {
        var milliseconds = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var hex = milliseconds.ToString("x12", System.Globalization.CultureInfo.InvariantCulture);
        return $"'{hex[..8]}-{hex[8..]}-0000-0000-000000000000'";
    }
}
