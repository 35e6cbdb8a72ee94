using System.Text.Json;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;

namespace Platform.Processing.Triggers;

/// <summary>An event and a trigger that it fires.</summary>
/// <param name="Filled">The payload of the job or the input of the workflow; null after a fault.</param>
/// <param name="Fault">Why it cannot fire.</param>
internal sealed record Match(ReceivedEvent Event, Trigger Trigger, byte[]? Filled, string? Fault);

/// <summary>Which triggers the events of a batch fire.</summary>
internal static class MatchTriggers
{
    public static async Task<IReadOnlyList<Match>> FindAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var triggers = await SelectAsync(batch, cancellationToken);
        var matches = new List<Match>();
        foreach (var received in triggers.Count == 0 ? [] : batch.Events)
        {
            var listening = triggers[received.TenantId].Where(t => EventTypePattern.Matches(t.Settings.EventType, received.Type)).ToArray();
            if (listening.Length == 0)
            {
                continue;
            }

            using var data = JsonDocument.Parse(received.Data);
            foreach (var trigger in listening.Where(t => IsAbout(t.Settings.About, data.RootElement) && HasLabels(t, data.RootElement)))
            {
                var (filled, fault) = TriggeredPayload.Of(trigger.Settings.Job?.Payload ?? trigger.Settings.Workflow!.Input, received, data.RootElement);
                matches.Add(new(received, trigger, filled, fault));
            }
        }

        return matches;
    }

    private static async Task<ILookup<Guid, Trigger>> SelectAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand($"""
            SELECT {TriggerRows.Columns}, tenant_id FROM processing.trigger
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
            found.Add((reader.GetGuid(TriggerRows.ColumnCount), TriggerRows.Read(reader)));
        }

        return found.ToLookup(f => f.Tenant, f => f.Trigger);
    }

    private static bool IsAbout(JobsMeant? about, JsonElement data)
    {
        bool Has(string field, string? wanted) =>
            wanted is null || (data.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(wanted));
        return about is null || (data.ValueKind == JsonValueKind.Object && Has("type", about.Type) && Has("queue", about.Queue));
    }

    private static bool HasLabels(Trigger trigger, JsonElement data)
    {
        using var wanted = JsonDocument.Parse(trigger.Settings.Labels);
        var labels = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("labels", out var l) ? l : default;
        return wanted.RootElement.EnumerateObject().All(w =>
            labels.ValueKind == JsonValueKind.Object && labels.TryGetProperty(w.Name, out var value)
            && value.ValueKind == JsonValueKind.String && value.ValueEquals(w.Value.GetString()));
    }
}
