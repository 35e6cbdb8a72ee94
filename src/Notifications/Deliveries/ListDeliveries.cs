using Npgsql;
using Platform.Notifications.Endpoints;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary><c>GET /v1/webhook-endpoints/{id}/deliveries?state=&amp;limit=&amp;cursor=&amp;fields=</c>, the latest event first.</summary>
internal static class ListDeliveries
{
    private const string ListName = "deliveries";

    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database)
    {
        if (!EndpointInput.TryId(id, out var endpoint))
        {
            return EndpointInput.NotFound();
        }

        var errors = new List<InputError>();
        string? state = http.Request.Query.TryGetValue("state", out var s) ? s.ToString() : null;
        if (state is not null && !DeliveryState.All.Contains(state))
        {
            errors.Add(new("state", "invalid_value", $"'state' is one of {string.Join(", ", DeliveryState.All)}."));
        }

        var (fields, badFields) = FieldSelection.Read(http, Delivery.FieldNames);
        var (page, badPage) = Page.Read(http, ListName, parts: 1);
        var before = Guid.AllBitsSet;
        if (page.After is { } after && !DeliveryId.TryParse(after[0], out before))
        {
            badPage = KnownProblems.InvalidCursor();
        }

        errors.AddRange([.. badFields?.Errors ?? [], .. badPage?.Errors ?? []]);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var found = await ReadAsync(database, http.Principal().TenantId, endpoint, state, before, page.Limit + 1, http.RequestAborted);
        return found is null
            ? EndpointInput.NotFound()
            : FieldSelection.List(found, page.Limit, (d, json) => d.WriteTo(json, fields), d => Page.Encode(ListName, d.PublicId));
    }

    /// <summary>Null when there is no such endpoint.</summary>
    private static async Task<List<Delivery>?> ReadAsync(
        NotificationsDatabase database, Guid tenant, Guid endpoint, string? state, Guid before, int limit, CancellationToken cancellationToken)
    {
        var select = new NpgsqlBatchCommand($"""
            SELECT {Delivery.Columns} FROM {Delivery.Tables}
            WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.id < $3 {StateFilter(state)} ORDER BY d.id DESC LIMIT $4
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = endpoint },
                new NpgsqlParameter<Guid> { TypedValue = before },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                new("SELECT FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = endpoint } },
                },
                select,
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        await reader.NextResultAsync(cancellationToken);
        var found = new List<Delivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Delivery.Read(reader));
        }

        return found;
    }

    /// <summary>A literal, out of a closed list: so that the index over failed ones can be used.</summary>
    private static string StateFilter(string? state) => state is null ? "" : $"AND d.state = '{state}'";
}
