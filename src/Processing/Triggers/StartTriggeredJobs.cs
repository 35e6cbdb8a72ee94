using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>
/// Group <c>processing.triggers</c>: starts a job for each event and each trigger that matches it, in the transaction that takes the event, so once.
/// The job's payload is the trigger's plus the event under <c>event</c>.
/// </summary>
internal sealed class StartTriggeredJobs(ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, JobTypes types, TimeProvider clock) : IEventHandler
{
    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var triggers = await FindAsync(batch, cancellationToken);
        if (triggers.Count == 0)
        {
            return;
        }

        var jobs = new List<(Guid Tenant, Job Job)>();
        foreach (var received in batch.Events)
        {
            using var data = JsonDocument.Parse(received.Data);
            foreach (var trigger in triggers[(received.TenantId, received.Type)])
            {
                if (Matches(trigger, data.RootElement))
                {
                    jobs.Add((received.TenantId, NewJob(trigger, received, data.RootElement)));
                }
            }
        }

        if (jobs.Count > 0)
        {
            await using var insert = new NpgsqlBatch(batch.Connection);
            JobRows.InsertMany(insert, jobs, clock);
            await insert.ExecuteNonQueryAsync(cancellationToken);
            batch.AfterCommit(database.OutboxWritten.Set);
            batch.AfterCommit(signal.Set);
        }
    }

    private static async Task<ILookup<(Guid Tenant, string EventType), Trigger>> FindAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var wanted = batch.Events.Select(e => (e.TenantId, e.Type)).Distinct().ToArray();
        await using var select = new NpgsqlCommand($"""
            SELECT {Trigger.Columns}, t.tenant_id FROM processing.trigger t
            WHERE (t.tenant_id, t.event_type) IN (SELECT * FROM unnest($1::uuid[], $2::text[])) ORDER BY t.id
            """, batch.Connection)
        {
            Parameters =
            {
                new() { Value = wanted.Select(w => w.TenantId).ToArray() },
                new() { Value = wanted.Select(w => w.Type).ToArray() },
            },
        };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var found = new List<(Guid Tenant, Trigger Trigger)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetGuid(7), Trigger.Read(reader)));
        }

        return found.ToLookup(f => (f.Tenant, f.Trigger.EventType), f => f.Trigger);
    }

    private static bool Matches(Trigger trigger, JsonElement data)
    {
        using var wanted = JsonDocument.Parse(trigger.Labels);
        var labels = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("labels", out var l) ? l : default;
        return wanted.RootElement.EnumerateObject().All(w =>
            labels.ValueKind == JsonValueKind.Object && labels.TryGetProperty(w.Name, out var value)
            && value.ValueKind == JsonValueKind.String && value.ValueEquals(w.Value.GetString()));
    }

    private Job NewJob(Trigger trigger, ReceivedEvent received, JsonElement data)
    {
        var now = Rfc3339.Now(clock);
        var payload = Payload(trigger, received, data);
        return new()
        {
            Id = TypeId.New(clock),
            Queue = trigger.Queue,
            Type = trigger.JobType,
            Payload = payload.Length <= JobTypes.MaxPayload ? payload : Payload(trigger, received, default),
            State = JobState.Available,
            Priority = 0,
            RunAt = now,
            CreatedAt = now,
            MaxAttempts = types.OptionsOf(trigger.JobType).MaxAttempts,
            TimeoutSeconds = types.OptionsOf(trigger.JobType).TimeoutSeconds,
            TriggerId = trigger.Id,
        };
    }

    /// <summary>An event whose data is too large for a payload comes without it; the subject says where to read it.</summary>
    private static byte[] Payload(Trigger trigger, ReceivedEvent received, JsonElement data) => JsonBytes.Write(json =>
    {
        using var given = JsonDocument.Parse(trigger.Payload);
        json.WriteStartObject();
        foreach (var property in given.RootElement.EnumerateObject().Where(p => p.Name != "event"))
        {
            property.WriteTo(json);
        }

        json.WriteStartObject("event");
        json.WriteString("id", TypeId.Format(IdPrefix.Event, received.Id));
        json.WriteString("type", received.Type);
        json.WriteString("subject", received.Subject);
        json.WriteString("time", Rfc3339.Format(received.Time));
        if (data.ValueKind != JsonValueKind.Undefined)
        {
            json.WritePropertyName("data");
            data.WriteTo(json);
        }
        else
        {
            json.WriteBoolean("data_omitted", true);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });
}
