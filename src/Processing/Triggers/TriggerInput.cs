using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Processing.Jobs;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.Processing.Workflows;
using Platform.Processing.Workflows.Expressions;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>The rules for what a trigger may be, the same for creating and patching.</summary>
internal static class TriggerInput
{
    public static readonly IReadOnlyList<string> FieldNames = ["event_type", "about", "labels", "job", "workflow", "paused"];

    /// <summary>To be used only where the fields have no problem in the end.</summary>
    public static TriggerSettings Read(JsonFields fields, JobTypes types, Principal submitter)
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

        var about = ReadAbout(fields, types, eventType);
        var labels = fields.OptionalStringMap("labels");
        var paused = fields.OptionalBool("paused") ?? false;
        JobTemplate? job = null;
        WorkflowTemplate? workflow = null;
        if (fields.Has("job") == fields.Has("workflow"))
        {
            fields.Fault(fields.Has("job") ? "workflow" : "job", fields.Has("job") ? "invalid_value" : "required", "A trigger has either a 'job' or a 'workflow'.");
        }
        else if (fields.Has("job"))
        {
            job = JobTemplate.Read(fields, types, submitter, f => CheckTemplates(f, "payload"));
        }
        else if (fields.OptionalObject("workflow") is { } given)
        {
            workflow = WorkflowTemplate.Read(given, types, submitter, (input, name) => WorkflowReferences.ScopeOf(path => Find(input, path), id: null, name, steps: null));
            CheckInput(given, workflow);
        }

        return new(eventType, about, JsonSerializer.SerializeToUtf8Bytes(labels), job, workflow, paused);
    }

    private static JobsMeant? ReadAbout(JsonFields fields, JobTypes types, string eventType)
    {
        if (fields.OptionalObject("about") is not { } about)
        {
            return null;
        }

        var (type, queue) = (about.OptionalString("type", 64), about.OptionalString("queue", 64));
        if (!eventType.StartsWith("job.", StringComparison.Ordinal))
        {
            fields.Fault("about", "invalid_value", "'about' says which jobs are meant: 'event_type' must be one of events of jobs, such as job.dead or job.*.");
        }

        if (type is not null && types.Find(type) is null)
        {
            about.Fault("type", "unknown_job_type", $"'{type}' is not a job type.");
        }

        if (queue is not null && types.Queues.WhyNot(queue) is { } unserved)
        {
            about.Fault("queue", "invalid_value", unserved);
        }

        return type is null && queue is null ? null : new(type, queue);
    }

    private static void CheckInput(JsonFields workflow, WorkflowTemplate template)
    {
        CheckTemplates(workflow, "input");
        if (JsonElement.Parse(template.Input.Span).ValueKind != JsonValueKind.Object)
        {
            workflow.Fault("input", "wrong_type", "The 'input' of a trigger's workflow must be an object.");
        }
        else if (template.Input.Length > JobTypes.MaxPayload)
        {
            workflow.Fault("input", "too_large", $"'input' may have {JobTypes.MaxPayload} bytes.");
        }
    }

    /// <summary>What a template will be is known when its event comes: until then only its form can be wrong.</summary>
    private static void CheckTemplates(JsonFields fields, string name)
    {
        if (fields.OptionalValue(name) is not { ValueKind: JsonValueKind.Object } value)
        {
            return;
        }

        var templates = JsonTemplate.Find(value, EventReferences.Dialect, "/" + name).ToArray();
        fields.Forgive([.. templates.Select(t => t.Pointer)]);
        foreach (var (pointer, _, fault) in templates.Where(t => t.Fault is not null))
        {
            fields.FaultAt(pointer, "invalid_template", fault!);
        }
    }

    /// <summary>What steps will find in the input: what is not a template; without any, the event as well.</summary>
    private static JsonElement? Find(JsonElement input, IReadOnlyList<string> path) =>
        JsonTemplate.IsIn(input) ? Scope.WalkTemplates(input, path)
        : path is [] or ["event", ..] ? null
        : Scope.Walk(input, path);
}
