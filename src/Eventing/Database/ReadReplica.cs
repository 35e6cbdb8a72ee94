using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Platform.Eventing.Database;

/// <summary>
/// A read replica of a service's database and how far it is behind: what the primary had written at the newest of our looks that the
/// replica has caught up with. One that is further behind than the limit, or cannot be asked, is not read from.
/// </summary>
public sealed partial class ReadReplica
{
    private readonly NpgsqlDataSource _primary;
    private readonly NpgsqlDataSource _replica;
    private readonly TimeSpan _maxLag;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Queue<(NpgsqlLogSequenceNumber Position, long At)> _looks = new();
    private long _freshUntil;
    private bool _wasFresh;

    internal ReadReplica(NpgsqlDataSource primary, NpgsqlDataSource replica, NpgsqlDataSource requests, TimeSpan maxLag, TimeProvider clock, ILogger logger)
    {
        (_primary, _replica, Requests, _maxLag, _clock, _logger) = (primary, replica, requests, maxLag, clock, logger);
    }

    /// <summary>For work on behalf of a caller, as <see cref="ServiceDatabase.Requests"/>, and read only.</summary>
    internal NpgsqlDataSource Requests { get; }

    /// <summary>True while it is at most the limit behind.</summary>
    public bool IsFresh => _clock.GetTimestamp() < Volatile.Read(ref _freshUntil);

    /// <summary>One look at both; called once a second.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetTimestamp();
        _looks.Enqueue((await PositionAsync(_primary, "SELECT pg_current_wal_lsn()", cancellationToken), now));
        NpgsqlLogSequenceNumber replayed;
        try
        {
            replayed = await PositionAsync(_replica, "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END", cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(ref _freshUntil, 0);
            Say(isFresh: false, e);
            return;
        }

        while (_looks.TryPeek(out var look) && look.Position <= replayed)
        {
            _looks.Dequeue();
            Volatile.Write(ref _freshUntil, look.At + (long)(_maxLag.TotalSeconds * _clock.TimestampFrequency));
        }

        // A replica that stands still must not make this grow: what is older than the limit says nothing any more.
        while (_looks.TryPeek(out var look) && _clock.GetElapsedTime(look.At, now) > _maxLag + TimeSpan.FromMinutes(1))
        {
            _looks.Dequeue();
        }

        Say(IsFresh, null);
    }

    /// <summary>Not asked again before the next look.</summary>
    internal void Distrust() => Volatile.Write(ref _freshUntil, 0);

    /// <summary>True for what the primary may still be able to answer: the replica is away, or had to end the query for the sake of replaying.</summary>
    internal static bool IsReplicas(Exception e) => e is TimeoutException
        || (e is NpgsqlException npgsql && (npgsql is not PostgresException postgres || postgres.SqlState.StartsWith("57", StringComparison.Ordinal)
            || postgres.SqlState.StartsWith("53", StringComparison.Ordinal) || postgres.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn));

    private static async Task<NpgsqlLogSequenceNumber> PositionAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 5;
        return (NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private void Say(bool isFresh, Exception? failure)
    {
        if (isFresh != _wasFresh)
        {
            if (isFresh)
            {
                LogFresh();
            }
            else
            {
                LogBehind(_maxLag, failure);
            }
        }

        _wasFresh = isFresh;
    }

    [LoggerMessage(1021, LogLevel.Information, "Lists are read from the replica")]
    private partial void LogFresh();

    [LoggerMessage(1022, LogLevel.Warning, "The read replica is more than {MaxLag} behind or does not answer; lists are read from the primary")]
    private partial void LogBehind(TimeSpan maxLag, Exception? exception);
}
