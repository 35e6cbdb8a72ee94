using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Notifications.Endpoints;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary><c>GET /v1/events/{id}/deliveries</c>, "why did it not arrive?": for each endpoint of the tenant what became of the event there, and why.</summary>
internal static class ListEventDeliveries
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!TypeId.TryParse(IdPrefix.Event, id, out var eventId))
        {
            return NotFound();
        }

        var tenant = http.Principal().TenantId;
        await using var connection = await database.Requests.OpenConnectionAsync(http.RequestAborted);
        var (message, endpoints) = await ReadAsync(connection, tenant, eventId, http.RequestAborted);
        if (message is null)
        {
            return NotFound();
        }

        var deliveries = await ReadDeliveriesAsync(connection, tenant, eventId, endpoints, http.RequestAborted);
        return FieldSelection.List(endpoints, endpoints.Count, (endpoint, json) =>
        {
            deliveries.TryGetValue(endpoint.Id, out var delivery);
            var outcome = EventOutcome.Of(endpoint, message, delivery?.Delivery, delivery?.Queued);
            json.WriteStartObject();
            if (delivery is not null)
            {
                (delivery.Delivery with { Reason = outcome.Reason }).WriteFields(json, fields: null);
            }
            else
            {
                json.WriteNull("id");
                json.WriteString("endpoint_id", endpoint.PublicId);
                json.WriteString("event_id", id);
                json.WriteString("event_type", message.Type);
                json.WriteString("state", EventOutcome.Unmatched);
                json.WriteString("reason", outcome.Reason);
            }

            json.WriteString("outcome", outcome.Name);
            json.WriteString("explanation", outcome.Explanation);
            json.WriteString("endpoint_url", endpoint.Settings.Url);
            json.WriteString("endpoint_disabled_at", endpoint.Disabling is { } disabling ? Rfc3339.Format(disabling.At) : null);
            json.WriteString("endpoint_disabled_reason", endpoint.Disabling?.Reason);
            json.WriteEndObject();
        }, _ => "");
    }

    /// <summary>Also where it has not come here yet, or where the tenant had no endpoint at the time.</summary>
    private static Problem NotFound() => KnownProblems.NotFound("event");

    private static async Task<(Message? Message, List<WebhookEndpoint> Endpoints)> ReadAsync(
        NpgsqlConnection connection, Guid tenant, Guid eventId, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                new("SELECT type, occurred_at, data FROM notifications.message WHERE tenant_id = $1 AND event_id = $2")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = eventId } },
                },
                new($"SELECT {EndpointRows.Columns} FROM notifications.endpoint WHERE tenant_id = $1 ORDER BY id")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        Message? message = null;
        if (await reader.ReadAsync(cancellationToken))
        {
            message = new(tenant, eventId, reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<byte[]>(2), null);
        }

        await reader.NextResultAsync(cancellationToken);
        var endpoints = new List<WebhookEndpoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            endpoints.Add(EndpointRows.Read(reader));
        }

        return (message, endpoints);
    }

    private static async Task<Dictionary<Guid, Found>> ReadDeliveriesAsync(
        NpgsqlConnection connection, Guid tenant, Guid eventId, List<WebhookEndpoint> endpoints, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                new($"""
                    SELECT {Delivery.Columns}, w.state, w.run_at FROM {Delivery.Tables}
                    LEFT JOIN notifications.work_item w ON w.tenant_id = d.tenant_id AND w.id = d.id
                    WHERE d.tenant_id = $1 AND d.id = ANY ($2)
                    """)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = tenant },
                        new NpgsqlParameter<Guid[]> { TypedValue = [.. endpoints.Select(e => DeliveryId.Of(eventId, e.Id))] },
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var deliveries = new Dictionary<Guid, Found>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var delivery = Delivery.Read(reader);
            deliveries[delivery.EndpointId] = new(delivery, reader.IsDBNull(11) ? null : new(reader.GetInt16(11), reader.GetFieldValue<DateTimeOffset>(12)));
        }

        return deliveries;
    }

    private sealed record Found(Delivery Delivery, QueuedWork? Queued);
}
