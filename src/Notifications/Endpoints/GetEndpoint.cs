using Npgsql;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary><c>GET /v1/webhook-endpoints/{id}</c>, and its secret for those who may write: <c>GET .../{id}/secret</c>.</summary>
internal static class GetEndpoint
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (fields, invalid) = FieldSelection.Read(http, WebhookEndpoint.FieldNames);
        if (invalid is not null)
        {
            return invalid;
        }

        var endpoint = await EndpointRows.FindAsync(database, http.Principal().TenantId, key, http.RequestAborted);
        if (endpoint is null)
        {
            return EndpointInput.NotFound();
        }

        var tag = ETag.Of(endpoint.Version);
        return ETag.NoneMatchHolds(http, endpoint.Version)
            ? new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = tag }
            : JsonAnswer.Ok(FieldSelection.Write(endpoint.WriteTo, fields)) with { EntityTag = tag };
    }

    public static async Task<IResult> SecretAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var tenant = http.Principal().TenantId;
        await using var connection = await database.Requests.OpenConnectionAsync(http.RequestAborted);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                new("SELECT secret, signature, public_key FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = key } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(http.RequestAborted);
        await reader.NextResultAsync(http.RequestAborted);
        if (!await reader.ReadAsync(http.RequestAborted))
        {
            return EndpointInput.NotFound();
        }

        var secret = WebhookSecret.FromColumn(reader.GetFieldValue<byte[]>(0), reader.GetString(1));
        var publicKey = reader.IsDBNull(2) ? null : reader.GetString(2);
        return JsonAnswer.Ok(FieldSelection.Write((json, _) =>
        {
            json.WriteStartObject();
            json.WriteString("secret", secret.ToText());
            json.WriteString("public_key", publicKey);
            json.WriteEndObject();
        }, fields: null));
    }
}
