using System.Text.Json;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Queues;
using Platform.Processing.Templates;
using Platform.Processing.Workflows.Expressions;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows.Definition;

/// <summary>Reads the steps of a workflow, field by field. How they fit together is <see cref="CheckSteps"/>' business.</summary>
internal static class ReadSteps
{
    public const int MaxSteps = 200;
    public const int MaxName = 64;

    /// <summary>The steps of a request; faults are noted with their pointers.</summary>
    public static IReadOnlyList<(StepDefinition Step, JsonFields Fields)> Read(JsonFields workflow)
    {
        var steps = workflow.OptionalObjectList("steps", MaxSteps);
        if (steps is null or [])
        {
            if (steps is not null || !workflow.Has("steps"))
            {
                workflow.Fault("steps", "required", "'steps' must have at least one step.");
            }

            return [];
        }

        return [.. steps.Select(fields => (Read(fields, checks: true), fields))];
    }

    /// <summary>The steps as they were stored.</summary>
    public static IReadOnlyList<StepDefinition> Parse(ReadOnlyMemory<byte> stored) =>
        [.. JsonElement.Parse(stored.Span).EnumerateArray().Select(step => Read(new JsonFields(step), checks: false))];

    private static StepDefinition Read(JsonFields fields, bool checks)
    {
        var name = fields.RequiredString("name", MaxName);
        if (name.Length > 0 && !(char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')))
        {
            fields.Fault("name", "invalid_format", "'name' has letters, digits, '_' and '-', and begins with a letter.");
        }

        var kind = fields.OptionalString("kind", 16) ?? StepKind.Job;
        if (!StepKind.All.Contains(kind))
        {
            fields.Fault("kind", "invalid_value", $"'kind' is one of {string.Join(", ", StepKind.All)}.");
        }

        if (checks)
        {
            CheckKind(fields, kind);
        }

        var when = fields.OptionalValue("when") is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } condition
            ? Condition.Read(condition, "/when", (pointer, code, detail) => fields.Take([new(pointer, code, detail)])) : null;
        return new(name, kind, fields.OptionalStringList("needs", MaxSteps, MaxName) ?? [], ReadJob(fields), when, ReadForEach(fields), ReadTimer(fields),
            ReadApproval(fields), fields.OptionalObject("compensate") is { } compensate ? ReadJob(compensate, isRequired: true) : null,
            fields.OptionalBool("continue_on_failure") ?? false);
    }

    private static void CheckKind(JsonFields fields, string kind)
    {
        if (kind == StepKind.Job && !fields.Has("job"))
        {
            fields.Fault("job", "required", "A step of kind 'job' has a 'job'.");
        }

        if (kind == StepKind.Timer && !fields.Has("timer"))
        {
            fields.Fault("timer", "required", "A step of kind 'timer' has a 'timer'.");
        }

        foreach (var (field, of) in ((string, string)[])[("job", StepKind.Job), ("for_each", StepKind.Job), ("timer", StepKind.Timer), ("approval", StepKind.Approval)])
        {
            if (kind != of && StepKind.All.Contains(kind) && fields.Has(field))
            {
                fields.Fault(field, "not_of_this_kind", $"A step of kind '{kind}' has no '{field}'.");
            }
        }
    }

    private static JobTemplate? ReadJob(JsonFields step, bool isRequired = false)
    {
        if (step.OptionalObject("job") is not { } job)
        {
            if (isRequired && !step.Has("job"))
            {
                step.Fault("job", "required", "'job' is required.");
            }

            return null;
        }

        // The type, the queue and the payload are checked by CheckSteps, once it is known what templates stand for.
        return new(job.OptionalString("type", 64) ?? "", job.OptionalValue("payload"), job.OptionalString("queue", 64) ?? QueueNames.Default,
            job.OptionalInt("priority", NewWork.MinPriority, NewWork.MaxPriority) ?? 0,
            job.OptionalInt("max_attempts", 1, Job.MaxMaxAttempts), job.OptionalInt("timeout", 1, Job.MaxTimeoutSeconds));
    }

    private static Template? ReadForEach(JsonFields fields)
    {
        if (fields.OptionalString("for_each") is not { } text)
        {
            return null;
        }

        var (template, fault) = Template.Parse(text, WorkflowReferences.Dialect);
        if (template?.Whole is null)
        {
            fields.Fault("for_each", "invalid_reference", fault ?? "'for_each' is exactly one reference to a list, such as {{input.customers}}.");
            return null;
        }

        return template;
    }

    private static StepTimer? ReadTimer(JsonFields fields)
    {
        if (fields.OptionalObject("timer") is not { } timer)
        {
            return null;
        }

        var read = new StepTimer(timer.OptionalInt("seconds", 0, StepTimer.MaxSeconds), timer.OptionalTime("until"));
        if (timer.Has("seconds") == timer.Has("until"))
        {
            fields.Fault("timer", "invalid_value", "'timer' has either 'seconds' or 'until'.");
        }

        return read;
    }

    private static StepApproval? ReadApproval(JsonFields fields)
    {
        if (fields.OptionalObject("approval") is not { } approval)
        {
            return null;
        }

        var onExpiry = approval.OptionalString("on_expiry", 16) ?? "reject";
        if (onExpiry is not ("reject" or "approve"))
        {
            approval.Fault("on_expiry", "invalid_value", "'on_expiry' is one of reject, approve.");
        }

        return new(approval.OptionalInt("expires_in", 1, StepTimer.MaxSeconds), onExpiry == "approve");
    }
}
