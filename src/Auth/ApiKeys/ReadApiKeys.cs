using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Auth.ApiKeys;

/// <summary><c>GET /v1/api-keys?fields=&amp;limit=&amp;cursor=</c>, revoked ones included, in order of creation.</summary>
internal static class ListApiKeys
{
    private const string List = "api_keys";

    public static async Task<IResult> HandleAsync(HttpContext http, AuthDatabase database)
    {
        var (fields, badFields) = FieldSelection.Read(http, ApiKey.FieldNames);
        var (page, badPage) = Page.Read(http, List, parts: 1);
        var after = Guid.Empty;
        if (page.After is { } parts && !TypeId.TryParse(IdPrefix.ApiKey, parts[0], out after))
        {
            badPage = KnownProblems.InvalidCursor();
        }

        if ((badFields ?? badPage) is { } invalid)
        {
            return invalid;
        }

        var tenant = http.Principal().TenantId;
        var select = new NpgsqlBatchCommand($"SELECT {ApiKeyRows.Columns} FROM auth.api_key WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = after },
                new NpgsqlParameter<int> { TypedValue = page.Limit + 1 },
            },
        };
        var found = await TenantRead.ListAsync(database, tenant, select, reader => ApiKeyRows.Read(reader), http.RequestAborted);
        return FieldSelection.List(found, page.Limit, (key, json) => key.WriteTo(json, fields), key => Page.Encode(List, key.PublicId));
    }
}

/// <summary><c>GET /v1/api-keys/{id}</c>, without the key itself.</summary>
internal static class GetApiKey
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, AuthDatabase database)
    {
        var (fields, invalid) = FieldSelection.Read(http, ApiKey.FieldNames);
        if (invalid is not null)
        {
            return invalid;
        }

        var key = TypeId.TryParse(IdPrefix.ApiKey, id, out var keyId)
            ? await ApiKeyRows.FindAsync(database, http.Principal().TenantId, keyId, http.RequestAborted)
            : null;
        if (key is null)
        {
            return KeyProblems.NotFound();
        }

        var tag = ETag.Of(key.Version);
        return ETag.NoneMatchHolds(http, key.Version)
            ? new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = tag }
            : JsonAnswer.Ok(FieldSelection.Write(key.WriteTo, fields)) with { EntityTag = tag };
    }
}
