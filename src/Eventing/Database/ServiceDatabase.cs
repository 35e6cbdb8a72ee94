using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>
/// The database of one service: one schema that no other service reads. Each service derives its own type, so that the
/// container can tell them apart when several services share a process.
/// </summary>
public abstract class ServiceDatabase
{
    private readonly DataSources _sources;
    private NpgsqlDataSource? _requests;

    /// <param name="schema">Name of the service and of its schema: <c>core</c>.</param>
    /// <param name="migrations">The service's own numbered SQL files.</param>
    /// <param name="sources">Shared pools.</param>
    /// <param name="parts">Tables of shared parts that only some services have, such as a work queue; made before the service's own.</param>
    protected ServiceDatabase(string schema, MigrationSet migrations, DataSources sources, params MigrationSet[] parts)
    {
        Schema = schema;
        Migrations = migrations;
        Parts = parts;
        _sources = sources;
        ConnectionString = sources.ConnectionStringFor(schema);
        System = sources.Get(ConnectionString, AccessScope.System);
    }

    /// <summary>Schema and service name.</summary>
    public string Schema { get; }

    /// <summary>As configured, with its password.</summary>
    internal string ConnectionString { get; }

    /// <summary>The service's own numbered SQL files.</summary>
    public MigrationSet Migrations { get; }

    /// <summary>Tables of shared parts that this service has.</summary>
    public IReadOnlyList<MigrationSet> Parts { get; }

    /// <summary>For the platform's own work across tenants (relay, consumers, workers): row-level security lets it pass.</summary>
    public NpgsqlDataSource System { get; }

    /// <summary>
    /// For work on behalf of a caller: row-level security shows only the tenant set by <c>platform.tenant</c> in the
    /// transaction, and nothing at all where it was forgotten.
    /// </summary>
    public NpgsqlDataSource Requests =>
        _requests ?? throw new InvalidOperationException($"The database of '{Schema}' is used before its migrations ran.");

    /// <summary>Null where there is none.</summary>
    public ReadReplica? Replica { get; private set; }

    /// <summary>
    /// A read for a caller that may be a little behind (a list): from the replica while it is fresh, else, or where the replica fails, from the
    /// primary. <paramref name="read"/> may run twice.
    /// </summary>
    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        if (Replica is { IsFresh: true } replica)
        {
            try
            {
                await using var behind = await replica.Requests.OpenConnectionAsync(cancellationToken);
                return await read(behind);
            }
            catch (Exception e) when (ReadReplica.IsReplicas(e) && !cancellationToken.IsCancellationRequested)
            {
                replica.Distrust();
            }
        }

        await using var connection = await Requests.OpenConnectionAsync(cancellationToken);
        return await read(connection);
    }

    /// <summary>Wakes the relay after a commit that wrote to the outbox.</summary>
    public AsyncSignal OutboxWritten { get; } = new();

    /// <summary>True when the event stream lives in the same database, so that the relay moves events in one transaction.</summary>
    public bool HoldsStream => _sources.StreamsOnPostgres && string.Equals(ConnectionString, _sources.StreamConnectionString, StringComparison.Ordinal);

    /// <summary>Applies migrations and opens the request pool.</summary>
    /// <exception cref="DatabaseUnavailableException">The server cannot be reached or refuses.</exception>
    /// <exception cref="MigrationException">A migration that was applied earlier has changed.</exception>
    internal async Task InitializeAsync(IReadOnlyList<MigrationSet> shared, CancellationToken cancellationToken)
    {
        try
        {
            await Migrator.ApplyAsync(System, Schema, [.. shared, .. Parts, Migrations], cancellationToken);
            var scope = await TenantRole.EnsureAsync(System, Schema, cancellationToken);
            _requests = _sources.Get(ConnectionString, scope);
            Replica = _sources.ReplicaOf(Schema, System, scope);
        }
        catch (NpgsqlException e) when (e is not PostgresException { SqlState: not null } p || p.SqlState.StartsWith("28", StringComparison.Ordinal)
            || p.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections)
        {
            throw new DatabaseUnavailableException(
                $"The database of '{Schema}' cannot be reached: {e.InnerException?.Message ?? e.Message}", e);
        }
    }
}

/// <summary>The database cannot be reached; the message is fit for one line on stderr.</summary>
public sealed class DatabaseUnavailableException(string message, Exception inner) : Exception(message, inner);
