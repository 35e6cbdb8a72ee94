using System.Text.Json;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Submissions;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

using Start = (ReceivedEvent Event, Trigger Trigger, byte[]? Payload, string? Fault);

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
        var there = await ExistingRows.FindAsync(batch.Connection, ExistingRows.Jobs, [.. starts.Select(s => (s.Event.TenantId, IdOf(s)))], cancellationToken);
        var jobs = new List<(Guid Tenant, Job Job)>();
        var faults = new List<(ReceivedEvent Event, string Fault)>();
        await using var insert = new NpgsqlBatch(batch.Connection);
        foreach (var start in starts.Where(s => there.Add((s.Event.TenantId, IdOf(s)))))
        {
            var behind = TriggerDepths.JobOf(start.Event) is { } about ? depths.GetValueOrDefault((start.Event.TenantId, about)) : 0;
            var fault = behind >= TriggerDepths.Most
                ? $"{start.Event.Subject} was started by {behind} triggers in a row, and another would follow: triggers run in a circle (trigger_loop)."
                : start.Fault;
            if (fault is not null)
            {
                faults.Add((start.Event, $"{start.Trigger.PublicId}: {fault}"));
                continue;
            }

            jobs.Add((start.Event.TenantId, NewJob(start)));
            TriggerDepths.Insert(insert, start.Event.TenantId, IdOf(start), behind + 1);
        }

        foreach (var failed in faults.GroupBy(f => f.Event, f => f.Fault))
        {
            // The other triggers fire; a redrive starts only what is not there.
            batch.GiveUp(failed.Key, string.Join(" ", failed));
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

    private static List<Start> Match(IReadOnlyList<ReceivedEvent> events, ILookup<Guid, Trigger> triggers)
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
                var (payload, fault) = TriggeredPayload.Of(trigger.Settings.Job.Payload, received, data.RootElement);
                starts.Add((received, trigger, payload, fault));
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

    private static Guid IdOf(Start start) => Submission.IdOf(start.Event.Id, start.Trigger.Id);

    private Job NewJob(Start start)
    {
        var now = Rfc3339.Now(clock);
        return start.Trigger.Settings.Job.NewJob(IdOf(start), now, now) with
        {
            Payload = start.Payload, TriggerId = start.Trigger.Id, SubmittedBy = start.Trigger.SubmittedBy,
        };
    }
}
