using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.CoreApi.Resources;
using Platform.CoreApi.ResourceTypes.Schemas;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>
/// <c>PUT /v1/resource-types/{type} {schema?, description?}</c>: 201, or 200 where there was a definition. From then on every write of this type is
/// held against the schema, within a second on every instance. Resources that are there already are not looked at.
/// </summary>
internal static class SaveResourceType
{
    public const int MaxDescription = 1000;
    private const int MaxSchemaBytes = 64 * 1024;

    public static async Task<IResult> HandleAsync(string type, HttpContext http, CoreDatabase database, TypeSchemas schemas, TimeProvider clock)
    {
        if (!ResourceInput.IsType(type))
        {
            return KnownProblems.Validation("type", "invalid_format", "A type must match [a-z][a-z0-9_.-]{0,63}.");
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var schema = body.Fields.OptionalValue("schema");
            var description = body.Fields.OptionalString("description", MaxDescription);
            var errors = new List<InputError>([.. body.Fields.Problem?.Errors ?? [], .. FaultsOf(schema)]);
            if (errors.Count > 0)
            {
                return KnownProblems.Validation(errors);
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            var (versions, badTag) = ETag.IfMatch(http);
            return badKey ?? badTag ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                var current = await TypeRows.LockAsync(transaction, type, http.RequestAborted);
                if (versions is not null && !versions.Contains(current.Definition?.Version ?? 0))
                {
                    return KnownProblems.VersionMismatch(current.Definition?.Version ?? 0);
                }

                var now = Rfc3339.Now(clock);
                var next = current with
                {
                    Definition = new(IsNone(schema) ? null : Encoding.UTF8.GetString(Resource.Compact(schema)), description,
                        (current.Definition?.Version ?? 0) + 1, current.Definition?.CreatedAt ?? now, now, http.Principal().Actor),
                };
                transaction.Add(Save(write.Tenant, next));
                transaction.AfterCommit(schemas.Invalidate);
                var tag = ETag.Of(next.Definition.Version);
                return (current.Definition is null
                    ? JsonAnswer.Created("/v1/resource-types/" + type, next.ToJson()) : JsonAnswer.Ok(next.ToJson())) with { EntityTag = tag };
            }, http.RequestAborted);
        }
    }

    private static IReadOnlyList<InputError> FaultsOf(JsonElement schema)
    {
        if (IsNone(schema))
        {
            return [];
        }

        return Resource.Compact(schema).Length > MaxSchemaBytes
            ? [new("/schema", "too_large", $"A schema may have {MaxSchemaBytes} bytes.")]
            : JsonSchema.Compile(schema, "/schema").Faults;
    }

    private static bool IsNone(JsonElement schema) => schema.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    private static NpgsqlBatchCommand Save(Guid tenant, ResourceType type) =>
        new($"""
            WITH moved AS ({TypeRows.MoveEpoch})
            INSERT INTO core.type_definition (tenant_id, type, schema, description, version, revision, created_at, updated_at, updated_by)
            SELECT $1, $2, $3, $4, $5, epoch, $6, $7, $8 FROM moved
            ON CONFLICT (tenant_id, type) DO UPDATE SET schema = excluded.schema, description = excluded.description, version = excluded.version,
                revision = excluded.revision, updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<string> { TypedValue = type.Name },
                new() { Value = (object?)type.Definition!.Schema ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json },
                new() { Value = (object?)type.Definition.Description ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<long> { TypedValue = type.Definition.Version },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = type.Definition.CreatedAt },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = type.Definition.UpdatedAt },
                new NpgsqlParameter<string> { TypedValue = type.Definition.UpdatedBy },
            },
        };
}
