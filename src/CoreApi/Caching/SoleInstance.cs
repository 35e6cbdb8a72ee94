using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Hosting;

namespace Platform.CoreApi.Caching;

/// <summary>
/// Knows whether this process is the only one that serves this schema, which is what makes it safe to answer from its memory. Every
/// process holds a shared advisory lock (it is there); the one that is alone holds a second one as well, and a process that starts takes
/// requests only once it has had that second one for a moment: by then the other has seen it and let its memory go. Locks end with their
/// session, so a process that was killed keeps nobody waiting.
/// </summary>
internal sealed partial class SoleInstance(CoreDatabase database, DataSources sources, IOptions<CacheOptions> options, TimeProvider clock, ILogger<SoleInstance> logger)
    : BackgroundService, IStartupTask
{
    private const string Presence = "platform.cache.presence";
    private const string Alone = "platform.cache.alone";

    /// <summary>How often it looks who else is there.</summary>
    internal static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a look holds: a process that stood still for longer does not know any more.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    /// <summary>How long a start waits for a process that does not answer; far beyond <see cref="Lease"/>. Its session is ended then.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private NpgsqlConnection? _session;
    private bool _holdsAlone;
    private long _aloneSince;
    private long _aloneUntil;

    /// <summary>Called when this process is alone no longer, or does not know.</summary>
    public event Action? Joined;

    /// <summary>True while no other process can have acknowledged a write that this one has not seen.</summary>
    public bool IsAlone => clock.GetTimestamp() < Volatile.Read(ref _aloneUntil);

    /// <summary>Before the first request: announces itself, and waits until whoever was alone has noticed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var session = await OpenAsync(cancellationToken);
        var started = clock.GetTimestamp();
        while (!await TryLockAsync(session, Alone, cancellationToken))
        {
            if (clock.GetElapsedTime(started) > Patience)
            {
                LogEnded(await EndHolderAsync(session, cancellationToken));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
        }

        _holdsAlone = true;
        await LookAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Poll, clock);
        try
        {
            do
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    await LoseAsync();
                    LogLost(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: the session goes with it.
        }

        await LoseAsync();
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var session = _session ?? await OpenAsync(cancellationToken);
        if (await CountAsync(session, cancellationToken) > 1)
        {
            Leave();
            if (_holdsAlone)
            {
                await UnlockAsync(session, cancellationToken);
                _holdsAlone = false;
            }

            return;
        }

        if (!_holdsAlone)
        {
            _holdsAlone = await TryLockAsync(session, Alone, cancellationToken);
            _aloneSince = 0;
        }

        if (!_holdsAlone)
        {
            return;
        }

        _aloneSince = _aloneSince == 0 ? started : _aloneSince;
        if (clock.GetElapsedTime(_aloneSince, started) >= options.Value.AloneAfter)
        {
            Volatile.Write(ref _aloneUntil, started + (long)(Lease.TotalSeconds * clock.TimestampFrequency));
        }
    }

    /// <summary>From here on, reads go to the database; then what is held is let go.</summary>
    private void Leave()
    {
        Volatile.Write(ref _aloneUntil, 0);
        _aloneSince = 0;
        Joined?.Invoke();
    }

    private async Task LoseAsync()
    {
        Leave();
        _holdsAlone = false;
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(DataSources.Dedicated(sources.ConnectionStringFor(database.Schema))) { Timeout = 5, CommandTimeout = 5 };
        var session = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await session.OpenAsync(cancellationToken);
            await using var present = Command(session, "SELECT pg_advisory_lock_shared(hashtext($1), hashtext($2))", Presence);
            await present.ExecuteNonQueryAsync(cancellationToken);
            return _session = session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command = Command(session, "SELECT pg_try_advisory_lock(hashtext($1), hashtext($2))", name);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task UnlockAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = Command(session, "SELECT pg_advisory_unlock(hashtext($1), hashtext($2))", Alone);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long> CountAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = Command(session, $"SELECT count(*) {Holders}", Presence);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<int> EndHolderAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = Command(session, $"SELECT count(pg_terminate_backend(pid)) {Holders} AND pid <> pg_backend_pid()", Alone);
        return (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string Holders = """
        FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
            AND classid = (hashtext($1)::bigint & 4294967295)::oid AND objid = (hashtext($2)::bigint & 4294967295)::oid
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private NpgsqlCommand Command(NpgsqlConnection session, string sql, string name) =>
        new(sql, session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name }, new NpgsqlParameter<string> { TypedValue = database.Schema } },
        };

    [LoggerMessage(3101, LogLevel.Warning, "The session that tells whether other instances are there is lost; reads go to the database meanwhile")]
    private partial void LogLost(Exception exception);

    [LoggerMessage(3102, LogLevel.Warning, "An instance did not answer for {Ended} session(s), which were ended: it must not answer from its memory")]
    private partial void LogEnded(int ended);
}
