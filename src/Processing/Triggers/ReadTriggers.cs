using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary><c>GET /v1/triggers</c>, in order of creation, and <c>GET /v1/triggers/{id}</c>.</summary>
internal static class ReadTriggers
{
    private const string ListName = "triggers";

    public static async Task<IResult> GetAsync(string id, HttpContext http, ProcessingDatabase database)
    {
        if (!Trigger.TryId(id, out var key))
        {
            return Trigger.NotFound();
        }

        var found = await SelectAsync(database, http.Principal().TenantId, "id = $2", key, 1, http.RequestAborted);
        return found.Count == 1 ? JsonAnswer.Ok(found[0].ToJson()) with { EntityTag = ETag.Of(found[0].Version) } : Trigger.NotFound();
    }

    public static async Task<IResult> ListAsync(HttpContext http, ProcessingDatabase database)
    {
        var (page, invalid) = Page.Read(http, ListName, parts: 1);
        var after = Guid.Empty;
        if (invalid is null && page.After is { } parts && !Trigger.TryId(parts[0], out after))
        {
            invalid = KnownProblems.InvalidCursor();
        }

        if (invalid is not null)
        {
            return invalid;
        }

        var triggers = await SelectAsync(database, http.Principal().TenantId, "id > $2", after, page.Limit + 1, http.RequestAborted);
        return FieldSelection.List(triggers, page.Limit, (t, json) => t.WriteTo(json), t => Page.Encode(ListName, t.PublicId));
    }

    private static Task<List<Trigger>> SelectAsync(
        ProcessingDatabase database, Guid tenant, string condition, Guid id, int limit, CancellationToken cancellationToken)
    {
        var select = new NpgsqlBatchCommand(
            $"SELECT {TriggerRows.Columns} FROM processing.trigger WHERE tenant_id = $1 AND {condition} ORDER BY id LIMIT $3")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        return TenantRead.ListAsync(database, tenant, select, TriggerRows.Read, cancellationToken);
    }
}
