using Npgsql;
using Platform.Eventing.Hosting;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Endpoints;

namespace Platform.Notifications.Replays;

/// <summary>
/// Moves replays on, bit by bit, on whichever instance comes first. A bit and the cursor behind it are one transaction, so a crash repeats nothing
/// and leaves nothing out. The next bit comes when most of the last one has been tried, and no faster than the configured rate; bits grow
/// while the endpoint keeps up. So a replay never fills the queue, and fresh events overtake what it put there.
/// </summary>
internal sealed partial class ReplayWorker(
    NotificationsDatabase database, WorkSignal<NotificationsDatabase> work, WebhookOptions options, TimeProvider clock, ILogger<ReplayWorker> logger)
    : PeriodicWorker(TimeSpan.FromMilliseconds(500), clock)
{
    internal const int SmallestBit = 50;
    private const int LargestBit = 500;
    private static readonly TimeSpan WaitsForQueue = TimeSpan.FromSeconds(1);

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await StepAsync(cancellationToken))
        {
        }
    }

    /// <summary>False when no replay is due.</summary>
    internal async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var replay = await TakeAsync(connection, cancellationToken);
        if (replay is null)
        {
            return false;
        }

        try
        {
            await MoveAsync(connection, replay, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            work.Set();
        }
        catch (Exception e) when (e is not OperationCanceledException && transaction.Connection is not null)
        {
            // Not always the same one first: the others go on.
            LogStuck(replay.PublicId, e);
            await transaction.RollbackAsync(cancellationToken);
            await PauseAsync(connection, replay, TimeSpan.FromSeconds(30), cancellationToken);
        }

        return true;
    }

    private async Task MoveAsync(NpgsqlConnection connection, Replay replay, CancellationToken cancellationToken)
    {
        var limit = replay.InFlight.Length;
        var untried = limit == 0 ? 0 : await UntriedAsync(connection, replay, cancellationToken);
        if (untried > limit / 2)
        {
            await PauseAsync(connection, replay, WaitsForQueue, cancellationToken);
            return;
        }

        limit = Math.Clamp(untried == 0 ? limit * 2 : limit, SmallestBit, LargestBit);
        var endpoint = replay.EndpointId is { } id ? await EndpointAsync(connection, replay.TenantId, id, cancellationToken) : null;
        if (replay.EndpointId is not null && endpoint is null or { Disabling: not null })
        {
            await EndAsync(connection, replay, endpoint is null ? DeliveryReason.EndpointDeleted : DeliveryReason.EndpointDisabled, cancellationToken);
            return;
        }

        var bit = replay.Source == ReplaySource.Messages
            ? await ReplayScan.MessagesAsync(connection, replay, endpoint!, limit, cancellationToken)
            : await ReplayScan.DeliveriesAsync(connection, replay, limit, cancellationToken);
        var started = await ReplayQueue.StartAsync(connection, replay, bit, cancellationToken);
        await AdvanceAsync(connection, replay, bit, started, cancellationToken);
    }

    private static async Task<Replay?> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand($"""
            SELECT {ReplayRows.Columns} FROM notifications.replay WHERE state = '{ReplayState.Running}' AND next_at <= now()
            ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
            """, connection);
        await using var reader = await take.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReplayRows.Read(reader) : null;
    }

    /// <summary>How many of the last bit still wait for their first attempt, whatever they wait for: the first attempt is what changes the trigger.</summary>
    private static async Task<long> UntriedAsync(NpgsqlConnection connection, Replay replay, CancellationToken cancellationToken) =>
        (long)(await ScalarAsync(connection, $"""
            SELECT count(*) FROM notifications.delivery
            WHERE tenant_id = $1 AND id = ANY ($2) AND state = '{DeliveryState.Pending}' AND trigger <> '{Sending.AttemptTrigger.Retry}'
            """, cancellationToken, replay.TenantId, replay.InFlight))!;

    private static async Task<WebhookEndpoint?> EndpointAsync(NpgsqlConnection connection, Guid tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand($"SELECT {EndpointRows.Columns} FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? EndpointRows.Read(reader) : null;
    }

    private async Task AdvanceAsync(NpgsqlConnection connection, Replay replay, ReplayBit bit, Guid[] started, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, $"""
            UPDATE notifications.replay SET scanned = scanned + $3, queued = queued + $4, after_endpoint = $5, after_id = $6, in_flight = $7, next_at = now() + $8,
                state = CASE WHEN $9 THEN '{ReplayState.Finished}' ELSE state END, finished_at = CASE WHEN $9 THEN now() END
            WHERE tenant_id = $1 AND id = $2
            """, cancellationToken, replay.TenantId, replay.Id, bit.Scanned, started.Length, bit.After.Endpoint, bit.After.Id, started,
            TimeSpan.FromSeconds((double)started.Length / options.ReplayRate), bit.IsLast);

    private static async Task EndAsync(NpgsqlConnection connection, Replay replay, string reason, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, $"UPDATE notifications.replay SET state = '{ReplayState.Failed}', reason = $3, finished_at = now() WHERE tenant_id = $1 AND id = $2",
            cancellationToken, replay.TenantId, replay.Id, reason);

    private static async Task PauseAsync(NpgsqlConnection connection, Replay replay, TimeSpan pause, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, "UPDATE notifications.replay SET next_at = now() + $3 WHERE tenant_id = $1 AND id = $2",
            cancellationToken, replay.TenantId, replay.Id, pause);

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return await command.ExecuteScalarAsync(cancellationToken);
    }

    [LoggerMessage(5021, LogLevel.Error, "Moving replays on failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(5022, LogLevel.Error, "Replay {Replay} could not be moved on; it is tried again in half a minute")]
    private partial void LogStuck(string replay, Exception exception);
}
