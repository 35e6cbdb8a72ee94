using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
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
                new("""
                    SELECT number, at, url, address, duration_ms, status, error, detail, response_headers, response_body
                    FROM notifications.attempt WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY number
                    """)
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

    private sealed record Attempt(
        int Number, DateTimeOffset At, string Url, string? Address, double DurationMs, int? Status, string? Error, string? Detail, string? Headers, byte[] Body)
    {
        public static Attempt Read(NpgsqlDataReader reader)
        {
            string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
            return new(
                reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), Text(3), reader.GetDouble(4),
                reader.IsDBNull(5) ? null : reader.GetInt32(5), Text(6), Text(7), Text(8),
                reader.IsDBNull(9) ? [] : reader.GetFieldValue<byte[]>(9));
        }

        public void WriteTo(Utf8JsonWriter json, string eventId)
        {
            json.WriteStartObject();
            json.WriteNumber("number", Number);
            json.WriteString("at", Rfc3339.Format(At));
            json.WriteNumber("duration_ms", DurationMs);
            json.WriteString("address", Address);
            json.WriteStartObject("request");
            json.WriteString("method", "POST");
            json.WriteString("url", Url);
            json.WriteStartObject("headers");
            json.WriteString("webhook-id", eventId);
            json.WriteString("webhook-timestamp", At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
            if (Status is { } status)
            {
                json.WriteStartObject("response");
                json.WriteNumber("status", status);
                json.WriteString("headers", Headers);

                // Not every receiver answers text: what is not UTF-8 shows as replacement characters.
                json.WriteString("body", Encoding.UTF8.GetString(Body));
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("response");
            }

            json.WriteString("error", Error);
            json.WriteString("detail", Detail);
            json.WriteEndObject();
        }
    }
}
