using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>On whose behalf a connection works.</summary>
public enum AccessScope
{
    /// <summary>The platform itself, across tenants.</summary>
    System,

    /// <summary>One caller: rows of the tenant in <c>platform.tenant</c> only.</summary>
    Tenant,

    /// <summary>As <see cref="Tenant"/>, where the login role would bypass row-level security and a lesser role is taken instead.</summary>
    TenantByRole,
}

/// <summary>
/// The connection pools of this process. Services whose connection strings are equal share a pool, so that all five in
/// one process need no more connections than one.
/// </summary>
public sealed class DataSources(IConfiguration configuration, TimeProvider? clock = null, ILoggerFactory? loggers = null) : IAsyncDisposable
{
    /// <summary>The role that requests take where the login role would bypass row-level security.</summary>
    public const string TenantRoleName = "platform_tenant";

    /// <summary>
    /// How a session ends whose other end has vanished without a word (a dead host, a cut network): the server gives it up within
    /// half a minute, and the relay's lock and a group's members go with it; a stock server would wait for two hours. A transaction
    /// that its owner has forgotten ends after a minute. Every role may set these; on a Unix socket the first four mean nothing.
    /// </summary>
    private const string SessionDefaults =
        "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30000"
        + " -c idle_in_transaction_session_timeout=60000";

    private readonly ConcurrentDictionary<(string, AccessScope), Lazy<NpgsqlDataSource>> _sources = new();

    /// <summary>Where the PostgreSQL event stream lives: <c>ConnectionStrings:stream</c>, else <c>:platform</c>.</summary>
    public string StreamConnectionString =>
        configuration.GetConnectionString("stream") ?? configuration.GetConnectionString("platform")
        ?? throw new ConnectionStringMissingException("ConnectionStrings__platform");

    /// <summary>Kafka's brokers, <c>ConnectionStrings:kafka</c>; null when there is no Kafka.</summary>
    public string? KafkaConnectionString => configuration.GetConnectionString("kafka") is { Length: > 0 } kafka ? kafka : null;

    /// <summary>
    /// True when events travel by PostgreSQL: no Kafka is configured, or <c>Eventing:Stream</c> says <c>postgresql</c> although there is (on the
    /// way back from Kafka, whose rest is still to be read).
    /// </summary>
    public bool StreamsOnPostgres => KafkaConnectionString is null || string.Equals(configuration["Eventing:Stream"], "postgresql", StringComparison.OrdinalIgnoreCase);

    /// <summary>The connection string of a service: its own, else the platform's.</summary>
    public string ConnectionStringFor(string service) =>
        configuration.GetConnectionString(service) ?? configuration.GetConnectionString("platform")
        ?? throw new ConnectionStringMissingException($"ConnectionStrings__platform (or ConnectionStrings__{service})");

    /// <summary>
    /// The replica of a service's database, <c>ConnectionStrings:core_replica</c>, else, for a service without a database of its own,
    /// <c>:platform_replica</c>; null where there is none. <c>Database:MaxReplicaLag</c> (10 s) is how far behind it may be.
    /// </summary>
    internal ReadReplica? ReplicaOf(string service, NpgsqlDataSource primary, AccessScope scope)
    {
        var own = configuration.GetConnectionString(service + "_replica");
        var text = own is { Length: > 0 } ? own : configuration.GetConnectionString(service) is null ? configuration.GetConnectionString("platform_replica") : null;
        return string.IsNullOrEmpty(text) ? null : new(
            primary, Get(text, AccessScope.System), Get(text, scope), configuration.GetValue("Database:MaxReplicaLag", TimeSpan.FromSeconds(10)),
            clock ?? TimeProvider.System, (loggers ?? NullLoggerFactory.Instance).CreateLogger<ReadReplica>());
    }

    /// <summary>The pool for a connection string and scope.</summary>
    public NpgsqlDataSource Get(string connectionString, AccessScope scope) =>
        _sources.GetOrAdd((connectionString, scope), static key => new(() => Create(key.Item1, key.Item2))).Value;

    /// <summary>A connection string for a connection outside any pool (advisory locks, LISTEN).</summary>
    public static string Dedicated(string connectionString)
    {
        var settings = WithSession(connectionString, AccessScope.System);
        settings.Pooling = false;
        settings.KeepAlive = 10;
        settings.ApplicationName = "platform-session";
        return settings.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
        {
            await source.Value.DisposeAsync();
        }
    }

    private static NpgsqlDataSource Create(string connectionString, AccessScope scope)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var settings = WithSession(connectionString, scope);
        settings.ApplicationName = given.ApplicationName ?? (scope == AccessScope.System ? "platform-system" : "platform-requests");
        settings.MaxAutoPrepare = given.MaxAutoPrepare == 0 ? 200 : given.MaxAutoPrepare;
        settings.AutoPrepareMinUsages = 2;

        // Settings are made per transaction, so a session goes back to the pool as it came; the reset would cost the server
        // seven statements on every use. An open transaction is rolled back all the same.
        settings.NoResetOnClose = true;

        // Which statement of a batch failed decides what the caller is told.
        settings.IncludeFailedBatchedCommand = true;

        // On a small machine more backends only add switching; requests queue in the pool, where waiting is cheap.
        if (!given.ContainsKey("Maximum Pool Size"))
        {
            settings.MaxPoolSize = 32;
        }

        if (!given.ContainsKey("Timeout"))
        {
            settings.Timeout = 10;
        }

        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString)
        {
            // The name is a label of the pool's metrics; without one it is the connection string.
            Name = $"{settings.ApplicationName}@{settings.Database}",
        };
        builder.ConfigureTracing(tracing => tracing.EnableFirstResponseEvent(enable: false));
        return builder.Build();
    }

    /// <summary>Our defaults, what the user says instead, and what nobody may change: the later one wins.</summary>
    private static NpgsqlConnectionStringBuilder WithSession(string connectionString, AccessScope scope)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options = string.Join(' ', new[] { SessionDefaults, settings.Options, Options(scope) }.Where(o => !string.IsNullOrEmpty(o)));
        if (settings is { TcpKeepAlive: false, TcpKeepAliveTime: 0 })
        {
            // The same from this end: a server that vanished.
            settings.TcpKeepAliveTime = 15;
            settings.TcpKeepAliveInterval = 5;
        }

        return settings;
    }

    private static string Options(AccessScope scope) => scope switch
    {
        AccessScope.System => "-c platform.scope=system",

        // A claim on an idempotency key waits for a running twin this long and no longer (409 then).
        AccessScope.Tenant => "-c platform.scope=tenant -c lock_timeout=3s",
        _ => $"-c platform.scope=tenant -c lock_timeout=3s -c role={TenantRoleName}",
    };
}

/// <summary>No connection string was given; the message names the environment variable.</summary>
public sealed class ConnectionStringMissingException(string variable)
    : Exception($"No database is configured: set {variable}.");
