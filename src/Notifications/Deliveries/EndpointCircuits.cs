using System.Collections.Concurrent;
using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>Whom an endpoint's circuit lets through.</summary>
/// <param name="State">One of <see cref="CircuitState"/>.</param>
/// <param name="ProbeId">The delivery that finds out whether it is back; null for none.</param>
internal sealed record CircuitGate(string State, Guid? ProbeId)
{
    public static readonly CircuitGate Closed = new(CircuitState.Closed, null);

    /// <summary>A test is somebody who asks whether it is back: it may find out.</summary>
    public bool LetsThrough(Guid delivery, DeliveryWork work) =>
        State == CircuitState.Closed
        || (State == CircuitState.Recovering && work.IsReleased)
        || (State == CircuitState.HalfOpen && ProbeId == delivery)
        || work.EventType == TestEndpoint.EventType;
}

/// <summary>
/// Looks again, right before sending, where the endpoint has failed here since the delivery was read: what was read ahead must not all be thrown at an
/// endpoint that has just been given up, nor at one that is about to be, once the failures that are being written count.
/// </summary>
internal sealed class EndpointCircuits(NotificationsDatabase database, WebhookOptions options, TimeProvider clock)
{
    private const int Most = 10_000;

    /// <summary>By then a failure counts.</summary>
    private static readonly TimeSpan Written = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<Guid, Streak> _streaks = new();

    /// <summary>Null to send; zero to hold it back; otherwise when to come again.</summary>
    public async ValueTask<TimeSpan?> WhyNotAsync(WorkItem item, DeliveryWork work, CancellationToken cancellationToken)
    {
        if (!_streaks.TryGetValue(work.EndpointId, out var streak) || streak.LastAt < work.ReadAt)
        {
            return null;
        }

        var gate = await ReadAsync(item.TenantId, work.EndpointId, cancellationToken);
        if (!gate.LetsThrough(item.Id, work))
        {
            return TimeSpan.Zero;
        }

        return gate.State == CircuitState.Closed && streak.Failures >= options.CircuitFailures && clock.GetElapsedTime(streak.LastAt) < Written ? Soon : null;
    }

    /// <summary>Counts failures, and forgets them with a success.</summary>
    public void Note(Guid endpoint, AttemptResult result)
    {
        if (result.Succeeded)
        {
            _streaks.TryRemove(endpoint, out _);
            return;
        }

        if (_streaks.Count >= Most)
        {
            _streaks.Clear();
        }

        var now = clock.GetTimestamp();
        _streaks.AddOrUpdate(endpoint, static (_, now) => new(1, now), static (_, s, now) => new(s.Failures + 1, now), now);
    }

    private async Task<CircuitGate> ReadAsync(Guid tenant, Guid endpoint, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT circuit, probe_id FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = endpoint } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetGuid(1)) : CircuitGate.Closed;
    }

    /// <summary>Failures in a row, as this process has seen them.</summary>
    private sealed record Streak(int Failures, long LastAt);
}
