using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;

namespace Platform.Notifications.Replays;

/// <summary>Reads and writes replays.</summary>
internal static class ReplayRows
{
    public const int MaxRunning = 10;

    public const string Columns = """
        tenant_id, id, endpoint_id, source, since, until, only_failed, only_missing, event_types, delivery_state, error, state, reason, scanned, queued,
        created_at, finished_at, after_endpoint, after_id, in_flight
        """;

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Replay Read(NpgsqlDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        return new(
            reader.GetGuid(0), reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.GetString(3), Time(4), Time(5)!.Value)
        {
            OnlyFailed = reader.GetBoolean(6), OnlyMissing = reader.GetBoolean(7),
            EventTypes = reader.IsDBNull(8) ? null : reader.GetFieldValue<string[]>(8),
            DeliveryState = Text(9), Error = Text(10), State = reader.GetString(11), Reason = Text(12),
            Scanned = reader.GetInt64(13), Queued = reader.GetInt64(14), CreatedAt = Time(15)!.Value, FinishedAt = Time(16),
            After = (reader.GetGuid(17), reader.GetGuid(18)), InFlight = reader.GetFieldValue<Guid[]>(19),
        };
    }

    /// <summary>Null when it is not there or another tenant's.</summary>
    public static Task<Replay?> FindAsync(NotificationsDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken) =>
        TenantRead.FindAsync(database, tenant, new($"SELECT {Columns} FROM notifications.replay WHERE tenant_id = $1 AND id = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        }, Read, cancellationToken);

    /// <summary>Null when it was put in; else why it may not be.</summary>
    public static async Task<Problem?> AddAsync(WriteTransaction transaction, Replay replay, CancellationToken cancellationToken)
    {
        await using var running = transaction.Command(
            $"SELECT count(*) FROM notifications.replay WHERE tenant_id = $1 AND state = '{ReplayState.Running}'", transaction.Tenant);
        if (await running.ExecuteScalarAsync(cancellationToken) is >= (long)MaxRunning)
        {
            return TooMany();
        }

        transaction.Add(new("""
            INSERT INTO notifications.replay (tenant_id, id, endpoint_id, source, since, until, only_failed, only_missing, event_types, delivery_state, error,
                after_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = replay.TenantId },
                new NpgsqlParameter<Guid> { TypedValue = replay.Id },
                Nullable(replay.EndpointId, NpgsqlDbType.Uuid),
                new NpgsqlParameter<string> { TypedValue = replay.Source },
                Nullable(replay.Since, NpgsqlDbType.TimestampTz),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = replay.Until },
                new NpgsqlParameter<bool> { TypedValue = replay.OnlyFailed },
                new NpgsqlParameter<bool> { TypedValue = replay.OnlyMissing },
                Nullable(replay.EventTypes?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
                Nullable(replay.DeliveryState, NpgsqlDbType.Text),
                Nullable(replay.Error, NpgsqlDbType.Text),
                new NpgsqlParameter<Guid> { TypedValue = FirstOf(replay) },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = replay.CreatedAt },
            },
        });
        return null;
    }

    /// <summary>The bounds of its ids: events and deliveries carry their event's time.</summary>
    public static Guid FirstOf(Replay replay) => replay.Since is { } since ? DayPartitions.FirstIdOf(since) : Guid.Empty;

    public static Guid EndOf(Replay replay) => DayPartitions.FirstIdOf(replay.Until);

    public static Problem TooMany() =>
        new(StatusCodes.Status409Conflict, "too_many_replays", "Too many replays", $"{MaxRunning} replays run already: wait for one, or cancel one.");

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
