using System.Text.Json;
using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>GET /v1/resources/{id}/history</c>: every version, newest first, with who made it and when; also after a deletion.</summary>
internal static class ListHistory
{
    private const string ListName = "history";

    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        var (page, invalid) = Page.Read(http, ListName, parts: 1);
        var before = long.MaxValue;
        if (invalid is null && page.After is { } after && !long.TryParse(after[0], out before))
        {
            invalid = KnownProblems.InvalidCursor();
        }

        if (invalid is not null)
        {
            return invalid;
        }

        var versions = await ReadAsync(database, http.Principal().TenantId, key, before, page.Limit + 1, http.RequestAborted);
        return versions.Count == 0 && page.After is null
            ? ResourceInput.NotFound()
            : FieldSelection.List(versions, page.Limit, Write, v => Page.Encode(ListName, v.Number.ToString()));
    }

    private static async Task<List<Version>> ReadAsync(
        CoreDatabase database, Guid tenant, Guid id, long before, int limit, CancellationToken cancellationToken)
    {
        var select = new NpgsqlBatchCommand("""
            SELECT version, data, labels, updated_at, updated_by, deleted_at IS NOT NULL FROM core.resource
            WHERE tenant_id = $1 AND id = $2 AND version < $3
            UNION ALL
            (SELECT version, data, labels, updated_at, updated_by, false FROM core.resource_history
             WHERE tenant_id = $1 AND id = $2 AND version < $3 ORDER BY version DESC LIMIT $4)
            ORDER BY version DESC LIMIT $4
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<long> { TypedValue = before },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), select } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var versions = new List<Version>();
        while (await reader.ReadAsync(cancellationToken))
        {
            versions.Add(new(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), ResourceRows.Labels(reader.GetFieldValue<byte[]>(2)),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetString(4), reader.GetBoolean(5)));
        }

        return versions;
    }

    private static void Write(Version version, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", version.Number);
        json.WritePropertyName("data");
        json.WriteRawValue(version.Data.Span, skipInputValidation: true);
        json.WritePropertyName("labels");
        json.WriteRawValue(version.Labels.Span, skipInputValidation: true);
        json.WriteString("updated_at", Rfc3339.Format(version.At));
        json.WriteString("updated_by", version.By);
        json.WriteBoolean("deleted", version.IsDeleted);
        json.WriteEndObject();
    }

    private sealed record Version(long Number, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Labels, DateTimeOffset At, string By, bool IsDeleted);
}
