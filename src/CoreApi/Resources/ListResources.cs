using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// <c>GET /v1/resources?type=&amp;label=k:v&amp;created_after=&amp;sort=&amp;fields=&amp;limit=&amp;cursor=</c>. In order of creation, which is the order of
/// ids: a cursor is an id, so a page neither skips nor repeats what was there all along, whatever is written meanwhile.
/// </summary>
internal static class ListResources
{
    private const string Ascending = "created_at";
    private const string Descending = "-created_at";

    public static async Task<IResult> HandleAsync(HttpContext http, CoreDatabase database)
    {
        var (query, invalid) = Query.Read(http);
        if (query is null)
        {
            return invalid!;
        }

        var found = await RunAsync(database, http.Principal().TenantId, query, http.RequestAborted);
        return FieldSelection.List(found, query.Page.Limit,
            (resource, json) => resource.WriteTo(json, query.Fields), resource => Page.Encode(query.ListName, resource.PublicId));
    }

    private static Task<List<Resource>> RunAsync(CoreDatabase database, Guid tenant, Query query, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), Select(tenant, query) } };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var found = new List<Resource>(query.Page.Limit + 1);
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(ResourceRows.Read(reader));
            }

            return found;
        }, cancellationToken);

    private static NpgsqlBatchCommand Select(Guid tenant, Query query)
    {
        var select = new NpgsqlBatchCommand();
        string Bind(NpgsqlParameter parameter)
        {
            select.Parameters.Add(parameter);
            return "$" + select.Parameters.Count;
        }

        var where = new List<string> { $"tenant_id = {Bind(new NpgsqlParameter<Guid> { TypedValue = tenant })}", "deleted_at IS NULL" };
        if (query.Type is not null)
        {
            where.Add($"type = {Bind(new NpgsqlParameter<string> { TypedValue = query.Type })}");
        }

        if (query.Labels.Count > 0)
        {
            where.Add($"labels <> '{{}}' AND labels @> {Bind(new() { Value = JsonSerializer.Serialize(query.Labels), NpgsqlDbType = NpgsqlDbType.Jsonb })}");
        }

        if (query.CreatedAfter is { } time)
        {
            where.Add($"created_at > {Bind(new NpgsqlParameter<DateTimeOffset> { TypedValue = time })}");
        }

        if (query.After is { } after)
        {
            where.Add($"id {(query.IsDescending ? "<" : ">")} {Bind(new NpgsqlParameter<Guid> { TypedValue = after })}");
        }

        select.CommandText = $"""
            SELECT {ResourceRows.Columns} FROM core.resource WHERE {string.Join(" AND ", where)}
            ORDER BY id {(query.IsDescending ? "DESC" : "ASC")} LIMIT {Bind(new NpgsqlParameter<int> { TypedValue = query.Page.Limit + 1 })}
            """;
        return select;
    }

    private sealed record Query(Page Page, Guid? After, bool IsDescending, string? Type, DateTimeOffset? CreatedAfter, IReadOnlySet<string>? Fields)
    {
        public Dictionary<string, string> Labels { get; } = new(StringComparer.Ordinal);
        public string ListName => IsDescending ? "resources-" : "resources";

        public static (Query? Query, Problem? Problem) Read(HttpContext http)
        {
            var given = http.Request.Query;
            var errors = new List<InputError>();
            var sort = given.TryGetValue("sort", out var s) ? s.ToString() : Ascending;
            if (sort is not (Ascending or Descending))
            {
                errors.Add(new("sort", "invalid_value", $"'sort' is {Ascending} or {Descending}."));
            }

            var type = given.TryGetValue("type", out var t) ? t.ToString() : null;
            if (type is not null && !ResourceInput.IsType(type))
            {
                errors.Add(new("type", "invalid_format", "'type' must match [a-z][a-z0-9_.-]{0,63}."));
            }

            DateTimeOffset time = default;
            if (given.TryGetValue("created_after", out var after) && !Rfc3339.TryParse(after, out time))
            {
                errors.Add(new("created_after", "wrong_type", "'created_after' must be an RFC 3339 time such as 2026-01-31T12:00:00Z."));
            }

            var (fields, badFields) = FieldSelection.Read(http, Resource.FieldNames);
            var (page, badPage) = Page.Read(http, sort == Descending ? "resources-" : "resources", parts: 1);
            Guid cursor = default;
            if (page.After is { } parts && !TypeId.TryParse(IdPrefix.Resource, parts[0], out cursor))
            {
                badPage = KnownProblems.InvalidCursor();
            }

            errors.AddRange([.. badFields?.Errors ?? [], .. badPage?.Errors ?? []]);
            var query = new Query(page, page.After is null ? null : cursor, sort == Descending, type, time == default ? null : time, fields);
            foreach (var label in given["label"])
            {
                var separator = label!.IndexOf(':', StringComparison.Ordinal);
                if (separator <= 0 || label.Contains('\0', StringComparison.Ordinal))
                {
                    errors.Add(new("label", "invalid_format", "'label' must be name:value."));
                }
                else
                {
                    query.Labels[label[..separator]] = label[(separator + 1)..];
                }
            }

            return errors.Count == 0 ? (query, null) : (null, KnownProblems.Validation(errors));
        }
    }
}
