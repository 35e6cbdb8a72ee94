using System.Globalization;
using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// <c>GET /v1/resources?type=&amp;label=k:v&amp;created_after=&amp;updated_after=&amp;deleted=&amp;sort=&amp;fields=&amp;limit=&amp;cursor=</c>.
/// By time of creation, which is the order of ids, pages neither skip nor repeat what was there all along, whatever is written meanwhile.
/// By time of change a resource that changes while somebody reads moves to the end: upwards it can come twice and is never skipped,
/// downwards it can be missed and never comes twice.
/// </summary>
internal static class ListResources
{
    /// <summary>Clocks of instances may differ by this much between the time in an id and the time that is stored.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    public static async Task<IResult> HandleAsync(HttpContext http, CoreDatabase database)
    {
        var (query, invalid) = ListQuery.Read(http);
        if (query is null)
        {
            return invalid!;
        }

        var found = await RunAsync(database, http.Principal().TenantId, query, http.RequestAborted);
        return FieldSelection.List(found, query.Limit, (resource, json) => resource.WriteTo(json, query.Fields), query.CursorAfter);
    }

    /// <summary>The statement of a list; one more row than asked for shows that there is more.</summary>
    internal static NpgsqlBatchCommand Select(Guid tenant, ListQuery query)
    {
        var select = new NpgsqlBatchCommand();
        var from = new List<string> { "core.resource r" };
        var owner = Bind(tenant);
        var where = new List<string> { $"r.tenant_id = {owner}", $"r.deleted_at IS {(query.Deleted ? "NOT " : "")}NULL" };

        // A label is a row, and a resource has it once: a join neither doubles a resource nor loses the order by id.
        for (var i = 0; i < query.Labels.Count; i++)
        {
            var (name, value) = query.Labels[i];
            from.Add($"core.resource_label l{i} ON l{i}.tenant_id = {owner} AND l{i}.id = r.id AND l{i}.name = {Bind(name)}"
                + (value is null ? "" : $" AND l{i}.value = {Bind(value)}"));
        }

        if (query.Type is not null)
        {
            where.Add($"r.type = {Bind(query.Type)}");
        }

        if (query.CreatedAfter is { } after)
        {
            where.Add($"r.created_at > {Bind(after)}");
            AddIdBound(">=", after - DateTimeOffset.UnixEpoch < Slack ? null : after - Slack);
        }

        if (query.CreatedBefore is { } before)
        {
            where.Add($"r.created_at < {Bind(before)}");
            AddIdBound("<", before < DateTimeOffset.UnixEpoch || DateTimeOffset.MaxValue - before < Slack ? null : before + Slack);
        }

        if (query.UpdatedAfter is { } changed)
        {
            where.Add($"r.updated_at > {Bind(changed)}");
        }

        var (comparison, direction) = query.IsDescending ? ("<", "DESC") : (">", "ASC");
        if (query.After is { } position)
        {
            where.Add(query.IsByUpdate
                ? $"(r.updated_at, r.id) {comparison} ({Bind(position.UpdatedAt)}, {Bind(position.Id)})"
                : $"r.id {comparison} {Bind(position.Id)}");
        }

        select.CommandText = $"""
            SELECT r.{ResourceRows.Columns.Replace(", ", ", r.", StringComparison.Ordinal)} FROM {string.Join(" JOIN ", from)}
            WHERE {string.Join(" AND ", where)}
            ORDER BY {(query.IsByUpdate ? $"r.updated_at {direction}, " : "")}r.id {direction} LIMIT {Bind(query.Limit + 1)}
            """;
        return select;

        string Bind<T>(T value)
        {
            select.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return "$" + select.Parameters.Count.ToString(CultureInfo.InvariantCulture);
        }

        // Narrows by the primary key; what is asked for is said by created_at.
        void AddIdBound(string comparison, DateTimeOffset? time)
        {
            if (time is { } bound)
            {
                where.Add($"r.id {comparison} {Bind(FirstIdOf(bound))}");
            }
        }
    }

    private static Task<List<Resource>> RunAsync(CoreDatabase database, Guid tenant, ListQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), PlanForValues(), Select(tenant, query) } };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var found = new List<Resource>(query.Limit + 1);
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(ResourceRows.Read(reader));
            }

            return found;
        }, cancellationToken);

    /// <summary>
    /// A plan for these values, not for any: a rare type or label is looked up, a frequent one is met on the way through the order. A plan
    /// for all of them would be wrong for one of them by a factor of a thousand, and planning costs a fifth of a millisecond.
    /// </summary>
    private static NpgsqlBatchCommand PlanForValues() => new("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)");

    /// <summary>The smallest UUIDv7 of a millisecond.</summary>
    private static Guid FirstIdOf(DateTimeOffset time)
    {
        var hex = time.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture);
        return Guid.Parse($"{hex[..8]}-{hex[8..]}-0000-0000-000000000000");
    }
}
