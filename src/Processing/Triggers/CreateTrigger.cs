using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.Processing.Queues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary><c>POST /v1/triggers {event_type, labels?, job: {type, queue?, payload}}</c>: 201 and <c>Location</c>.</summary>
internal static class CreateTrigger
{
    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database, JobTypes types, QueueNames queues, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var trigger = Read(body.Fields, types, queues, clock);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var answer = JsonAnswer.Created("/v1/triggers/" + trigger!.PublicId, trigger.ToJson());
            return await Writes.ExecuteAsync(database, write, answer, batch => batch.BatchCommands.Add(Insert(write.Tenant, trigger)), http.RequestAborted);
        }
    }

    private static Trigger? Read(JsonFields fields, JobTypes types, QueueNames queues, TimeProvider clock)
    {
        var eventType = fields.RequiredString("event_type", 128);
        if (eventType.StartsWith("job.", StringComparison.Ordinal))
        {
            fields.Fault("event_type", "trigger_loop", "A trigger cannot listen to events of jobs: the job that it starts would start it again.");
        }
        else if (eventType.Length > 0 && !TriggerEvents.All.Contains(eventType))
        {
            fields.Fault("event_type", "invalid_value", $"'event_type' is one of {string.Join(", ", TriggerEvents.All)}.");
        }

        var labels = fields.OptionalStringMap("labels");
        if (fields.OptionalObject("job") is not { } job)
        {
            if (!fields.Has("job"))
            {
                fields.Fault("job", "required", "'job' is required.");
            }

            return null;
        }

        var (type, payload) = types.Read(job);
        return new(TypeId.New(clock), eventType, JsonSerializer.SerializeToUtf8Bytes(labels), type, queues.Read(job), payload, Rfc3339.Now(clock));
    }

    private static NpgsqlBatchCommand Insert(Guid tenant, Trigger trigger) =>
        new("""
            INSERT INTO processing.trigger (tenant_id, id, event_type, labels, job_type, queue, payload, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = trigger.Id },
                new NpgsqlParameter<string> { TypedValue = trigger.EventType },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = trigger.Labels, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter<string> { TypedValue = trigger.JobType },
                new NpgsqlParameter<string> { TypedValue = trigger.Queue },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = trigger.Payload, NpgsqlDbType = NpgsqlDbType.Json },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = trigger.CreatedAt },
            },
        };
}
