using Npgsql;
using Platform.Eventing.Hosting;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Endpoints;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// Looks after endpoints that fail: sends a probe when its time has come, lets go what waits when one has succeeded, warns, disables, and says so. Every
/// instance does it; a row that another one has in hand is passed over, and what was done moves the row's time on.
/// </summary>
internal sealed partial class EndpointCare(
    NotificationsDatabase database, WorkSignal<NotificationsDatabase> work, WebhookOptions options, TimeProvider clock, ILogger<EndpointCare> logger)
    : PeriodicWorker(options.CareInterval, clock)
{
    private const int Most = 64;

    /// <summary>What is let go of a disabled endpoint at a time; it fails with that reason.</summary>
    private const int Chunk = 500;

    /// <summary>No step of a recovery is larger.</summary>
    private const int LargestStep = 4096;

    /// <summary>After this a probe that said nothing is looked for: longer than a lease and the longest attempt.</summary>
    private static readonly TimeSpan ProbeWait = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(5);
    private long _sweptAt = clock.GetTimestamp();

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await CareAsync(cancellationToken) == Most)
        {
        }

        await EndpointNotices.WriteAsync(database, options, Clock, cancellationToken);
        if (Clock.GetElapsedTime(_sweptAt) >= SweepInterval)
        {
            _sweptAt = Clock.GetTimestamp();
            await SweepOrderAsync(cancellationToken);
        }
    }

    /// <summary>Subjects whose head is gone without having ended, because the day it lay in was dropped, go on.</summary>
    internal async Task SweepOrderAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (tenants, waiting) = (new List<Guid>(), new List<Guid>());
        await using (var find = new NpgsqlCommand($"""
            WITH lost AS MATERIALIZED (
                SELECT s.tenant_id, s.endpoint_id, s.subject FROM notifications.subject_order s
                WHERE NOT EXISTS (SELECT FROM notifications.delivery d WHERE d.tenant_id = s.tenant_id AND d.id = s.head AND d.state = '{DeliveryState.Pending}')
                LIMIT 1000 FOR UPDATE SKIP LOCKED)
            SELECT l.tenant_id, w.id FROM lost l CROSS JOIN LATERAL (
                SELECT d.id FROM notifications.delivery d WHERE d.tenant_id = l.tenant_id AND d.endpoint_id = l.endpoint_id AND d.subject = l.subject
                    AND d.state = '{DeliveryState.Pending}' AND d.reason = '{DeliveryReason.WaitingForOrder}' LIMIT 1) w
            """, connection, transaction))
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                tenants.Add(reader.GetGuid(0));
                waiting.Add(reader.GetGuid(1));
            }
        }

        if (waiting.Count > 0)
        {
            await using var go = new NpgsqlBatch(connection, transaction);
            DeliveryOrder.Leave(go, tenants, waiting);
            await go.ExecuteNonQueryAsync(cancellationToken);
            work.Set();
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Returns how many endpoints it was time for.</summary>
    private async Task<int> CareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var patients = await ReadAsync(connection, cancellationToken);
        var released = 0;
        foreach (var patient in patients)
        {
            released += await CareForAsync(connection, patient, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (released > 0)
        {
            work.Set();
        }

        return patients.Count;
    }

    private static async Task<List<Patient>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT e.tenant_id, e.id, e.circuit, e.disabled_at IS NOT NULL, e.drain,
                EXISTS (SELECT FROM notifications.work_item w WHERE w.tenant_id = e.tenant_id AND w.id = e.probe_id),
                (SELECT count(*) FROM (SELECT FROM notifications.work_item w WHERE w.queue = '{DeliveryQueue.Name}' AND w.tenant_id = e.tenant_id
                    AND w.lane = {DeliveryQueue.LaneOf("e.id")} AND w.state = 1 LIMIT {LargestStep}) r)::int
            FROM notifications.endpoint e WHERE e.circuit <> '{CircuitState.Closed}' AND e.care_at <= now()
            ORDER BY e.care_at LIMIT {Most} FOR UPDATE OF e SKIP LOCKED
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var patients = new List<Patient>();
        while (await reader.ReadAsync(cancellationToken))
        {
            patients.Add(new(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetBoolean(3), reader.GetInt32(4), reader.GetBoolean(5), reader.GetInt32(6)));
        }

        return patients;
    }

    private async Task<int> CareForAsync(NpgsqlConnection connection, Patient patient, CancellationToken cancellationToken)
    {
        if (patient.IsDisabled)
        {
            var ended = await ReleaseAsync(connection, patient, Chunk, cancellationToken);
            await MoveAsync(connection, patient, ended.Count < Chunk ? CircuitState.Closed : patient.State, options.CareInterval, null, 0, cancellationToken);
            return ended.Count;
        }

        switch (patient.State)
        {
            case CircuitState.Open:
                var probe = await ReleaseAsync(connection, patient, 1, cancellationToken);
                await (probe.Count == 0
                    ? MoveAsync(connection, patient, CircuitState.Open, options.CircuitPause, null, 0, cancellationToken)
                    : MoveAsync(connection, patient, CircuitState.HalfOpen, ProbeWait, probe[0], 0, cancellationToken));
                return probe.Count;
            case CircuitState.HalfOpen:
                await (patient.HasProbe
                    ? MoveAsync(connection, patient, CircuitState.HalfOpen, ProbeWait, null, 0, cancellationToken)
                    : MoveAsync(connection, patient, CircuitState.Open, TimeSpan.Zero, null, 0, cancellationToken));
                return 0;
            default:
                return await DrainAsync(connection, patient, cancellationToken);
        }
    }

    /// <summary>A step lets twice as many go as the one before, less what of that one has not been taken yet.</summary>
    private async Task<int> DrainAsync(NpgsqlConnection connection, Patient patient, CancellationToken cancellationToken)
    {
        var step = Math.Clamp(patient.Drain * 2, 1, LargestStep);
        var most = Math.Max(0, step - patient.Ready);
        var released = most == 0 ? [] : await ReleaseAsync(connection, patient, most, cancellationToken);
        if (released.Count < most)
        {
            LogRecovered(patient.Id);
            await MoveAsync(connection, patient, CircuitState.Closed, TimeSpan.Zero, null, 0, cancellationToken);
        }
        else
        {
            await MoveAsync(connection, patient, CircuitState.Recovering, options.CareInterval, null, most == 0 ? patient.Drain : step, cancellationToken);
        }

        return released.Count;
    }

    private static async Task<List<Guid>> ReleaseAsync(NpgsqlConnection connection, Patient patient, int most, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { HeldDeliveries.Release(patient.TenantId, patient.Id, most) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var released = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            released.Add(reader.GetGuid(0));
        }

        return released;
    }

    /// <param name="probe">Null leaves it.</param>
    private static async Task MoveAsync(
        NpgsqlConnection connection, Patient patient, string state, TimeSpan next, Guid? probe, int drain, CancellationToken cancellationToken)
    {
        await using var update = new NpgsqlCommand("""
            UPDATE notifications.endpoint SET circuit = $3, care_at = now() + $4, probe_id = coalesce($5, probe_id), drain = $6
            WHERE tenant_id = $1 AND id = $2
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = patient.TenantId },
                new NpgsqlParameter<Guid> { TypedValue = patient.Id },
                new NpgsqlParameter<string> { TypedValue = state },
                new NpgsqlParameter<TimeSpan> { TypedValue = next },
                new() { Value = (object?)probe ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
                new NpgsqlParameter<int> { TypedValue = drain },
            },
        };
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(5021, LogLevel.Error, "Looking after failing endpoints failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(5022, LogLevel.Information, "Endpoint {Endpoint} has recovered: nothing waits for it any more")]
    private partial void LogRecovered(Guid endpoint);

    /// <param name="HasProbe">The delivery that finds out whether it is back is still in the queue.</param>
    /// <param name="Ready">Its deliveries in the queue that nobody has taken yet.</param>
    private sealed record Patient(Guid TenantId, Guid Id, string State, bool IsDisabled, int Drain, bool HasProbe, int Ready);
}
