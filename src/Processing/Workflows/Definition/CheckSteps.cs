using System.Text.Json;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Expressions;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows.Definition;

/// <summary>
/// How steps fit together: names, needs, cycles, what templates refer to, and payloads by the rules of their job's type. What can be known before the
/// workflow runs is refused before it runs; the rest is checked again when a step starts.
/// </summary>
internal sealed class CheckSteps(IReadOnlyList<(StepDefinition Step, JsonFields Fields)> steps, JobTypes types, Scope scope, Principal submitter)
{
    private readonly HashSet<string> _names = [.. steps.Select(s => s.Step.Name)];

    public void Run(JsonFields workflow)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (step, fields) in steps)
        {
            if (step.Name.Length > 0 && !seen.Add(step.Name))
            {
                fields.Fault("name", "duplicate_step", $"There is another step '{step.Name}'.");
            }

            CheckNeeds(step, fields);
        }

        StepDefinition[] all = [.. steps.Select(s => s.Step)];
        if (StepGraph.FindCycle(all) is { } cycle)
        {
            workflow.Fault("steps", "cycle", $"The steps wait for one another in a circle: {string.Join(" needs ", cycle)}.");
            return;
        }

        var ancestors = StepGraph.Ancestors(all);
        foreach (var (step, fields) in steps)
        {
            var before = ancestors.GetValueOrDefault(step.Name) ?? new HashSet<string>(StringComparer.Ordinal);
            Check(step, fields, before);
        }
    }

    private void CheckNeeds(StepDefinition step, JsonFields fields)
    {
        for (var i = 0; i < step.Needs.Count; i++)
        {
            if (!_names.Contains(step.Needs[i]))
            {
                fields.Fault("needs", i, "unknown_step", $"There is no step '{step.Needs[i]}'.");
            }
            else if (step.Needs.Take(i).Contains(step.Needs[i], StringComparer.Ordinal))
            {
                fields.Fault("needs", i, "duplicate_step", $"'{step.Needs[i]}' is named twice.");
            }
        }
    }

    private void Check(StepDefinition step, JsonFields fields, IReadOnlySet<string> before)
    {
        void Fault(string pointer, string code, string detail) => fields.Take([new(pointer, code, detail)]);

        foreach (var (pointer, reference) in step.When?.References("/when") ?? [])
        {
            // What 'exists' asks for may be missing: only steps are looked at.
            CheckReference(reference, before, hasItem: false, mustBeThere: false, d => Fault(pointer, "invalid_reference", d));
        }

        if (step.ForEach?.Whole is { } list)
        {
            CheckReference(list, before, hasItem: false, mustBeThere: true, d => Fault("/for_each", "invalid_reference", d));
            if (scope.Find(list) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Array) })
            {
                Fault("/for_each", "wrong_type", $"'{list}' is no list.");
            }
            else if (scope.Find(list) is { ValueKind: JsonValueKind.Array } given && given.GetArrayLength() > Advance.MaxElements)
            {
                Fault("/for_each", "too_many", $"'{list}' may have {Advance.MaxElements} elements.");
            }
        }

        if (step.Job is not null)
        {
            CheckJob(step.Job, "/job", before, step.ForEach is not null, Fault, fields.Refuse);
        }

        if (step.Compensate is not null)
        {
            CheckJob(step.Compensate, "/compensate/job", new HashSet<string>(before, StringComparer.Ordinal) { step.Name }, hasItem: false, Fault, fields.Refuse);
        }
    }

    private void CheckJob(JobTemplate job, string pointer, IReadOnlySet<string> before, bool hasItem, Action<string, string, string> fault, Action<Problem> refuse)
    {
        if (types.Refusal(job.Type, submitter) is { } refusal)
        {
            refuse(refusal);
        }

        if (types.Queues.WhyNot(job.Queue) is { } unserved)
        {
            fault(pointer + "/queue", "invalid_value", unserved);
        }

        var isSound = true;
        foreach (var (at, template, wrong) in job.Payload.ValueKind == JsonValueKind.Undefined ? [] : JsonTemplate.Find(job.Payload, WorkflowReferences.Dialect, pointer + "/payload"))
        {
            void Wrong(string detail)
            {
                isSound = false;
                fault(at, "invalid_reference", detail);
            }

            if (wrong is not null)
            {
                Wrong(wrong);
            }

            foreach (var reference in template?.References ?? [])
            {
                CheckReference(reference, before, hasItem, mustBeThere: true, Wrong);
            }
        }

        if (isSound)
        {
            foreach (var found in JobCheck.Faults(types, job, scope))
            {
                fault(pointer + found.Pointer, found.Code, found.Detail);
            }
        }
    }

    private void CheckReference(Reference reference, IReadOnlySet<string> before, bool hasItem, bool mustBeThere, Action<string> fault)
    {
        if (WorkflowReferences.StepOf(reference) is { } step && !before.Contains(step))
        {
            fault(_names.Contains(step) ? $"'{reference}': the step does not need '{step}', so it may run before it." : $"'{reference}': there is no step '{step}'.");
        }
        else if (reference.Root is "item" or "index" && !hasItem)
        {
            fault($"'{reference}' is there only in the job of a step with 'for_each'.");
        }
        else if (mustBeThere && reference.Root == "input" && scope.Find(reference) is { ValueKind: JsonValueKind.Undefined })
        {
            fault($"'{reference}' is not there.");
        }
    }
}
