using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary><c>GET /v1/webhook-endpoints?limit=&amp;cursor=&amp;fields=</c>, in order of creation.</summary>
internal static class ListEndpoints
{
    private const string ListName = "webhook-endpoints";

    public static async Task<IResult> HandleAsync(HttpContext http, NotificationsDatabase database)
    {
        var (fields, badFields) = FieldSelection.Read(http, WebhookEndpoint.FieldNames);
        var (page, invalid) = Page.Read(http, ListName, parts: 1);
        Guid after = default;
        if (page.After is { } parts && !TypeId.TryParse(IdPrefix.WebhookEndpoint, parts[0], out after))
        {
            invalid = KnownProblems.InvalidCursor();
        }

        if ((invalid ?? badFields) is { } problem)
        {
            return problem;
        }

        var tenant = http.Principal().TenantId;
        var select = new NpgsqlBatchCommand($"SELECT {EndpointRows.Columns} FROM notifications.endpoint WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = after },
                new NpgsqlParameter<int> { TypedValue = page.Limit + 1 },
            },
        };
        var found = await TenantRead.ListAsync(database, tenant, select, EndpointRows.Read, http.RequestAborted);
        return FieldSelection.List(found, page.Limit, (e, json) => e.WriteTo(json, fields), e => Page.Encode(ListName, e.PublicId));
    }
}
