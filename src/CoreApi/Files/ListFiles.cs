using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files;

/// <summary><c>GET /v1/files?label=k:v&amp;sort=&amp;limit=&amp;cursor=</c>, in order of creation.</summary>
internal static class ListFiles
{
    private const string Ascending = "created_at";
    private const string Descending = "-created_at";

    public static async Task<IResult> HandleAsync(HttpContext http, CoreDatabase database)
    {
        var errors = new List<InputError>();
        var sort = http.Request.Query.TryGetValue("sort", out var given) ? given.ToString() : Ascending;
        if (sort is not (Ascending or Descending))
        {
            errors.Add(new("sort", "invalid_value", $"'sort' is {Ascending} or {Descending}."));
        }

        var list = sort == Descending ? "files-" : "files";
        var labels = FileInput.Labels(http, errors);
        var (page, badPage) = Page.Read(http, list, parts: 1);
        Guid after = default;
        if (page.After is { } parts && !TypeId.TryParse(IdPrefix.File, parts[0], out after))
        {
            badPage = KnownProblems.InvalidCursor();
        }

        errors.AddRange(badPage?.Errors ?? []);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var files = await ReadAsync(
            database, http.Principal().TenantId, labels, page.After is null ? null : after, sort == Descending, page.Limit + 1, http.RequestAborted);
        return FieldSelection.List(files, page.Limit, Write, file => Page.Encode(list, file.PublicId));
    }

    private static void Write(StoredFile file, Utf8JsonWriter json) => file.WriteTo(json);

    private static Task<List<StoredFile>> ReadAsync(
        CoreDatabase database, Guid tenant, byte[] labels, Guid? after, bool isDescending, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), Select(tenant, labels, after, isDescending, limit) } };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var files = new List<StoredFile>(limit);
            while (await reader.ReadAsync(cancellationToken))
            {
                files.Add(FileRows.Read(reader));
            }

            return files;
        }, cancellationToken);

    private static NpgsqlBatchCommand Select(Guid tenant, byte[] labels, Guid? after, bool isDescending, int limit) =>
        new($"""
            SELECT {FileRows.Columns} FROM core.file
            WHERE tenant_id = $1 {(after is null ? "AND $3 IS NULL" : $"AND id {(isDescending ? "<" : ">")} $3")}
              AND {(labels.Length > 2 ? "labels <> '{}' AND labels @> $4" : "$4 = '{}'::jsonb")}
            ORDER BY id {(isDescending ? "DESC" : "ASC")} LIMIT $2
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<int> { TypedValue = limit },
                new() { Value = (object?)after ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = labels, NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
}
