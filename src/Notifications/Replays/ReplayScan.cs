using Npgsql;
using Platform.Contracts.Events;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Endpoints;

namespace Platform.Notifications.Replays;

/// <summary>A bit of what a replay goes through.</summary>
/// <param name="Existing">Deliveries that are to start anew.</param>
/// <param name="Missing">Events without a delivery that are to have one.</param>
internal sealed record ReplayBit(
    int Scanned, bool IsLast, (Guid Endpoint, Guid Id) After, IReadOnlyList<Guid> Existing, IReadOnlyList<MissingDelivery> Missing);

/// <summary>An event without a delivery.</summary>
/// <param name="Subject">Whose order it keeps; null for none.</param>
internal sealed record MissingDelivery(Guid EventId, string? Subject);

/// <summary>Reads the next bit of a replay and says what of it is to be sent.</summary>
internal static class ReplayScan
{
    /// <summary>Rows that are looked at.</summary>
    private const int Size = 1000;

    /// <summary>Where bodies have to be looked into: they may be large.</summary>
    private const int SizeWithData = 50;

    /// <param name="endpoint">Where it goes.</param>
    /// <param name="limit">How many may be sent; the bit ends with the last of them.</param>
    public static async Task<ReplayBit> MessagesAsync(
        NpgsqlConnection connection, Replay replay, WebhookEndpoint endpoint, int limit, CancellationToken cancellationToken)
    {
        var filter = endpoint.Settings.Filter;
        var needsData = filter.Labels.Count > 0 || filter.Condition is not null;
        var isOrdered = endpoint.Settings.Ordering == EndpointOrdering.Subject;
        var size = needsData ? SizeWithData : Size;
        var found = await ListAsync(connection, $"""
            SELECT event_id, type, subject{(needsData ? ", data" : "")} FROM notifications.message
            WHERE tenant_id = $1 AND event_id > $2 AND event_id < $3 ORDER BY event_id LIMIT {size}
            """, reader => (Id: reader.GetGuid(0), Type: reader.GetString(1), Subject: reader.IsDBNull(2) ? null : reader.GetString(2),
                Data: needsData ? reader.GetFieldValue<byte[]>(3) : []),
            cancellationToken, replay.TenantId, replay.After.Id, ReplayRows.EndOf(replay));
        var ids = found.ToDictionary(m => m.Id, m => DeliveryId.Of(m.Id, endpoint.Id));
        var states = (await ListAsync(connection, "SELECT id, state FROM notifications.delivery WHERE tenant_id = $1 AND id = ANY ($2)",
            reader => (Id: reader.GetGuid(0), State: reader.GetString(1)), cancellationToken, replay.TenantId, ids.Values.ToArray())).ToDictionary(d => d.Id, d => d.State);
        List<Guid> existing = [];
        List<MissingDelivery> missing = [];
        var scanned = 0;
        for (; scanned < found.Count && existing.Count + missing.Count < limit; scanned++)
        {
            var message = found[scanned];
            var state = states.GetValueOrDefault(ids[message.Id]);
            if (message.Type == TestEndpoint.EventType || !WantsType(replay, message.Type) || !WantsState(replay, state))
            {
                continue;
            }

            if (state is not null)
            {
                existing.Add(ids[message.Id]);
            }
            else if (message.Subject != endpoint.PublicId && filter.WhyNot(message.Type, message.Data) is null)
            {
                missing.Add(new(message.Id, isOrdered && message.Subject is { } subject ? DeliveryOrder.KeyOf(subject) : null));
            }
        }

        return new(scanned, scanned == found.Count && scanned < size, (Guid.Empty, scanned == 0 ? replay.After.Id : found[scanned - 1].Id), existing, missing);
    }

    public static async Task<ReplayBit> DeliveriesAsync(NpgsqlConnection connection, Replay replay, int limit, CancellationToken cancellationToken)
    {
        // A literal, so that the index over failed ones can be used. Any other state is looked for among what was read: a bit stays a bit.
        var state = replay.DeliveryState == DeliveryState.Failed ? $"AND d.state = '{DeliveryState.Failed}'" : "";
        var after = replay.EndpointId is null ? "(d.endpoint_id, d.id) > ($4, $5)" : "d.endpoint_id = $4 AND d.id > $5";
        var found = await ListAsync(connection, $"""
            SELECT d.endpoint_id, d.id, d.state, d.reason, m.type
            FROM (SELECT * FROM notifications.delivery d WHERE d.tenant_id = $1 AND d.id >= $2 AND d.id < $3 AND {after} {state}
                ORDER BY d.endpoint_id, d.id LIMIT {Size}) d
            LEFT JOIN notifications.message m ON m.tenant_id = d.tenant_id AND m.event_id = d.event_id
            ORDER BY d.endpoint_id, d.id
            """, reader => (Endpoint: reader.GetGuid(0), Id: reader.GetGuid(1), State: reader.GetString(2),
                Reason: reader.IsDBNull(3) ? null : reader.GetString(3), Type: reader.IsDBNull(4) ? null : reader.GetString(4)),
            cancellationToken, replay.TenantId, ReplayRows.FirstOf(replay), ReplayRows.EndOf(replay), replay.EndpointId ?? replay.After.Endpoint, replay.After.Id);
        List<Guid> wanted = [];
        var scanned = 0;
        for (; scanned < found.Count && wanted.Count < limit; scanned++)
        {
            var delivery = found[scanned];
            if (delivery.State == replay.DeliveryState && delivery.Type is not null && WantsType(replay, delivery.Type) && (replay.Error is null || delivery.Reason == replay.Error))
            {
                wanted.Add(delivery.Id);
            }
        }

        return new(scanned, scanned == found.Count && scanned < Size, scanned == 0 ? replay.After : (found[scanned - 1].Endpoint, found[scanned - 1].Id), wanted, []);
    }

    private static bool WantsType(Replay replay, string type) => replay.EventTypes is null || replay.EventTypes.Any(pattern => EventTypePattern.Matches(pattern, type));

    /// <param name="state">Of the delivery; null for none. What is pending is on its way.</param>
    private static bool WantsState(Replay replay, string? state) => replay switch
    {
        { OnlyFailed: false, OnlyMissing: false } => state != DeliveryState.Pending,
        _ => (replay.OnlyFailed && state == DeliveryState.Failed) || (replay.OnlyMissing && (state is null or DeliveryState.Disabled)),
    };

    private static async Task<List<T>> ListAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(read(reader));
        }

        return found;
    }
}
