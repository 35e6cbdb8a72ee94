using Npgsql;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>
/// <c>GET /v1/resource-types</c>: every type that is in use or has a definition, by name, with its number of living resources;
/// <c>GET /v1/resource-types/{type}</c>: one of them. Counts are exact and are read, not counted.
/// </summary>
internal static class ReadResourceTypes
{
    private const string ListName = "resource-types";

    public static async Task<IResult> ListAsync(HttpContext http, CoreDatabase database)
    {
        var (page, invalid) = Page.Read(http, ListName, parts: 1);
        if (invalid is not null)
        {
            return invalid;
        }

        var types = await ReadAsync(database, http.Principal().TenantId, "t.type > $2", page.After?[0] ?? "", page.Limit + 1, http.RequestAborted);
        return FieldSelection.List(types, page.Limit, (type, json) => type.WriteTo(json), type => Page.Encode(ListName, type.Name));
    }

    public static async Task<IResult> GetAsync(string type, HttpContext http, CoreDatabase database)
    {
        if (!ResourceInput.IsType(type))
        {
            return ResourceType.NotFound();
        }

        var types = await ReadAsync(database, http.Principal().TenantId, "t.type = $2", type, limit: 1, http.RequestAborted);
        if (types is not [{ } found])
        {
            return ResourceType.NotFound();
        }

        var answer = JsonAnswer.Ok(found.ToJson());
        return found.Definition is { } definition ? answer with { EntityTag = ETag.Of(definition.Version) } : answer;
    }

    private static async Task<List<ResourceType>> ReadAsync(
        CoreDatabase database, Guid tenant, string condition, string value, int limit, CancellationToken cancellationToken)
    {
        var select = new NpgsqlBatchCommand($"""
            WITH {ResourceCounts.OfTenant}, types AS (
                SELECT type COLLATE "C" AS type FROM counted WHERE count > 0
                UNION SELECT type COLLATE "C" FROM core.type_definition WHERE tenant_id = $1)
            SELECT t.type, COALESCE(c.count, 0), {ResourceType.Columns} FROM types t
            LEFT JOIN counted c ON c.type = t.type
            LEFT JOIN core.type_definition d ON d.tenant_id = $1 AND d.type = t.type
            WHERE {condition} ORDER BY t.type LIMIT $3
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<string> { TypedValue = value },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), select } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var types = new List<ResourceType>();
        while (await reader.ReadAsync(cancellationToken))
        {
            types.Add(ResourceType.Read(reader));
        }

        return types;
    }
}
