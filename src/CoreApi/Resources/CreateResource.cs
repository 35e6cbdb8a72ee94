using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.CoreApi.ResourceTypes;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>POST /v1/resources {type, data, labels?}</c>: 201 and <c>Location</c>. State, idempotency record and event in one round trip.</summary>
internal static class CreateResource
{
    public static async Task<IResult> HandleAsync(HttpContext http, CoreDatabase database, TypeSchemas schemas, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var type = ResourceInput.Type(body.Fields);
            var data = ResourceInput.Data(body.Fields);
            var labels = body.Fields.OptionalStringMap("labels");
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            if (await schemas.CheckAsync(write.Tenant, type, data, http.RequestAborted) is { } refused)
            {
                // A schema is state: the same request keeps its answer, also the one that it had before the schema.
                return write.Key is null
                    ? refused
                    : await Writes.TransactAsync(database, write, RequestId.Of(http), _ => Task.FromResult<IResult>(refused), http.RequestAborted);
            }

            // One reading of the clock: lists by time of creation go by the time in the id.
            var now = Rfc3339.Now(clock);
            var resource = new Resource(
                Guid.CreateVersion7(now), type, Resource.Compact(data), Resource.LabelsJson(labels), Version: 1, now, now);
            var document = resource.ToJson();
            var answer = JsonAnswer.Created(resource.Location, document) with { EntityTag = ETag.Of(1) };
            return await Writes.ExecuteAsync(database, write, answer, batch =>
            {
                batch.BatchCommands.Add(Insert(write.Tenant, resource, http.Principal().Actor));
                batch.BatchCommands.Add(Count(write.Tenant, type));
                OutboxWriter.Append(batch, database.Schema, OutboxMessage.FromJson(
                    EventTypes.ResourceCreated, Topics.Core, Resource.Source, write.Tenant, resource.PublicId, document, clock));
            }, http.RequestAborted);
        }
    }

    private static NpgsqlBatchCommand Insert(Guid tenant, Resource resource, string actor) =>
        new("""
            INSERT INTO core.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by)
            VALUES ($1, $2, $3, $4, $5, 1, $6, $6, $7)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = resource.Id },
                new NpgsqlParameter<string> { TypedValue = resource.Type },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = resource.Data, NpgsqlDbType = NpgsqlDbType.Json },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = resource.Labels, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = resource.CreatedAt },
                new NpgsqlParameter<string> { TypedValue = actor },
            },
        };

    /// <summary>A statement of its own: as a part of the other it was measured to cost twice as much.</summary>
    private static NpgsqlBatchCommand Count(Guid tenant, string type) =>
        new("INSERT INTO core.resource_count_delta (tenant_id, type, delta) VALUES ($1, $2, 1)")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<string> { TypedValue = type } },
        };
}
