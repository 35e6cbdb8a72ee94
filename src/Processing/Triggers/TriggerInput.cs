using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Processing.Jobs;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>The rules for what a trigger may be, the same for creating and patching.</summary>
internal static class TriggerInput
{
    public static readonly IReadOnlyList<string> FieldNames = ["event_type", "labels", "job", "paused"];

    /// <summary>Null where the fields have a problem that leaves nothing to go on with.</summary>
    public static TriggerSettings? Read(JsonFields fields, JobTypes types, Principal submitter)
    {
        var eventType = fields.RequiredString("event_type", 128);
        if (eventType.Length > 0 && !EventTypePattern.IsValid(eventType))
        {
            fields.Fault("event_type", "invalid_format", $"'{eventType}' is no event type such as resource.created, resource.* or *.");
        }
        else if (eventType.Length > 0 && !TriggerEvents.All.Any(type => EventTypePattern.Matches(eventType, type)))
        {
            fields.Fault("event_type", "invalid_value", $"'event_type' is one of {string.Join(", ", TriggerEvents.All)}, or a pattern that takes some of them in.");
        }

        var labels = fields.OptionalStringMap("labels");
        var paused = fields.OptionalBool("paused") ?? false;
        return JobTemplate.Read(fields, types, submitter, Check) is { } job ? new(eventType, JsonSerializer.SerializeToUtf8Bytes(labels), job, paused) : null;
    }

    /// <summary>What a template will be is known when its event comes: until then only its form can be wrong.</summary>
    private static void Check(JsonFields job)
    {
        var payload = job.OptionalValue("payload");
        if (payload.ValueKind == JsonValueKind.Object)
        {
            var templates = JsonTemplate.Find(payload, EventReferences.Dialect, "/payload").ToArray();
            job.Forgive([.. templates.Select(t => t.Pointer)]);
            foreach (var (pointer, _, fault) in templates.Where(t => t.Fault is not null))
            {
                job.FaultAt(pointer, "invalid_template", fault!);
            }
        }
    }
}
