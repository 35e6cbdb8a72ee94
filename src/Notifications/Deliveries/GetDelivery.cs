using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary><c>GET /v1/deliveries/{id}</c>: the delivery and every attempt of it: request, response, timing, error.</summary>
internal static class GetDelivery
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!DeliveryId.TryParse(id, out var key))
        {
            return Delivery.NotFound();
        }

        var tenant = http.Principal().TenantId;
        await using var connection = await database.Requests.OpenConnectionAsync(http.RequestAborted);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                new($"SELECT {Delivery.Columns} FROM {Delivery.Tables} WHERE d.tenant_id = $1 AND d.id = $2")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = key } },
                },
                new($"SELECT {Attempt.Columns} FROM notifications.attempt WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY number")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = key } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(http.RequestAborted);
        await reader.NextResultAsync(http.RequestAborted);
        if (!await reader.ReadAsync(http.RequestAborted))
        {
            return Delivery.NotFound();
        }

        var delivery = Delivery.Read(reader);
        await reader.NextResultAsync(http.RequestAborted);
        var attempts = new List<Attempt>();
        while (await reader.ReadAsync(http.RequestAborted))
        {
            attempts.Add(Attempt.Read(reader));
        }

        return JsonAnswer.Ok(FieldSelection.Write((json, _) =>
        {
            json.WriteStartObject();
            delivery.WriteFields(json, fields: null);
            json.WriteStartArray("attempts");
            foreach (var attempt in attempts)
            {
                attempt.WriteTo(json, TypeId.Format(IdPrefix.Event, delivery.EventId));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }, fields: null));
    }
}
