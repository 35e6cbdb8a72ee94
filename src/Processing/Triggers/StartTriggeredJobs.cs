using System.Text.Json;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Submissions;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

using Start = (ReceivedEvent Event, Trigger Trigger, Job Job);

/// <summary>
/// Group <c>processing.triggers</c>: starts a job for each event and each trigger that matches it, in the transaction that takes the event. The job's id
/// follows from both, so an event that comes twice starts it once; the group has no inbox, which would have a row for every event of every job.
/// </summary>
internal sealed class StartTriggeredJobs(ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, TimeProvider clock) : IEventHandler
{
    public const string Group = "processing.triggers";

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var triggers = await FindAsync(batch, cancellationToken);
        if (triggers.Count == 0)
        {
            return;
        }

        var starts = Match(batch.Events, triggers);
        var depths = await TriggerDepths.FindAsync(batch.Connection, starts.Select(s => s.Event), cancellationToken);
        var there = await ExistingRows.FindAsync(batch.Connection, ExistingRows.Jobs, [.. starts.Select(s => (s.Event.TenantId, s.Job.Id))], cancellationToken);
        var jobs = new List<(Guid Tenant, Job Job)>();
        await using var insert = new NpgsqlBatch(batch.Connection);
        foreach (var (received, trigger, job) in starts.Where(s => there.Add((s.Event.TenantId, s.Job.Id))))
        {
            var behind = TriggerDepths.JobOf(received) is { } about ? depths.GetValueOrDefault((received.TenantId, about)) : 0;
            if (behind >= TriggerDepths.Most)
            {
                throw new PoisonEventException(
                    $"{received.Subject} was started by {behind} triggers in a row, and its '{received.Type}' would start another job by {trigger.PublicId}: triggers run in a circle (trigger_loop)");
            }

            jobs.Add((received.TenantId, job));
            TriggerDepths.Insert(insert, received.TenantId, job.Id, behind + 1);
        }

        if (jobs.Count > 0)
        {
            JobRows.InsertMany(insert, jobs, clock);
            await insert.ExecuteNonQueryAsync(cancellationToken);
            batch.AfterCommit(database.OutboxWritten.Set);
            batch.AfterCommit(signal.Set);
        }
    }

    private static async Task<ILookup<Guid, Trigger>> FindAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand($"""
            SELECT {Trigger.Columns}, tenant_id FROM processing.trigger
            WHERE tenant_id = ANY($1) AND event_type = ANY($2) AND NOT paused ORDER BY id
            """, batch.Connection)
        {
            Parameters =
            {
                new() { Value = batch.Events.Select(e => e.TenantId).Distinct().ToArray() },
                new() { Value = batch.Events.Select(e => e.Type).Distinct().SelectMany(TriggerEvents.PatternsOf).Distinct().ToArray() },
            },
        };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var found = new List<(Guid Tenant, Trigger Trigger)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetGuid(Trigger.ColumnCount), Trigger.Read(reader)));
        }

        return found.ToLookup(f => f.Tenant, f => f.Trigger);
    }

    private List<Start> Match(IReadOnlyList<ReceivedEvent> events, ILookup<Guid, Trigger> triggers)
    {
        var starts = new List<Start>();
        foreach (var received in events)
        {
            var listening = triggers[received.TenantId].Where(t => EventTypePattern.Matches(t.Settings.EventType, received.Type)).ToArray();
            if (listening.Length == 0)
            {
                continue;
            }

            using var data = JsonDocument.Parse(received.Data);
            foreach (var trigger in listening.Where(t => HasLabels(t, data.RootElement)))
            {
                starts.Add((received, trigger, NewJob(trigger, received, data.RootElement)));
            }
        }

        return starts;
    }

    private static bool HasLabels(Trigger trigger, JsonElement data)
    {
        using var wanted = JsonDocument.Parse(trigger.Settings.Labels);
        var labels = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("labels", out var l) ? l : default;
        return wanted.RootElement.EnumerateObject().All(w =>
            labels.ValueKind == JsonValueKind.Object && labels.TryGetProperty(w.Name, out var value)
            && value.ValueKind == JsonValueKind.String && value.ValueEquals(w.Value.GetString()));
    }

    private Job NewJob(Trigger trigger, ReceivedEvent received, JsonElement data)
    {
        var now = Rfc3339.Now(clock);
        return trigger.Settings.Job.NewJob(Submission.IdOf(received.Id, trigger.Id), now, now) with
        {
            Payload = TriggeredPayload.Of(trigger, received, data), TriggerId = trigger.Id, SubmittedBy = trigger.SubmittedBy,
        };
    }
}
