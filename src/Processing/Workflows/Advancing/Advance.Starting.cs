using System.Text.Json;
using Platform.Processing.Workflows.Definition;
using Platform.Processing.Workflows.Expressions;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Steps whose needs have ended.</summary>
internal sealed partial class Advance
{
    /// <summary>True when the step has ended at once, so that others may follow.</summary>
    private bool Begin(int at)
    {
        var definition = _before.Definition[at];
        if (definition.Needs.Any(n => _steps[_index[n]].State == StepState.Skipped))
        {
            Change(at, StepEvent.Skip, s => s with { FinishedAt = _now });
            return true;
        }

        if (definition.When?.Evaluate(_scope) is { } when && (when.Fault is not null || !when.Holds))
        {
            if (when.Fault is not null)
            {
                Fail(at, $"The condition has no answer. {when.Fault}");
            }
            else
            {
                Change(at, StepEvent.Skip, s => s with { FinishedAt = _now });
            }

            return true;
        }

        switch (definition.Kind)
        {
            case StepKind.Timer:
                BeginTimer(at, definition.Timer!);
                break;
            case StepKind.Approval:
                Change(at, StepEvent.Wait, s => s with { StartedAt = _now, DueAt = definition.Approval?.ExpiresInSeconds is { } seconds ? _now.AddSeconds(seconds) : null });
                _announcements.Add(new(AnnouncementKind.ApprovalRequested, _workflow, definition.Name, _steps[at].DueAt));
                break;
            case StepKind.Job when definition.ForEach is not null:
                BeginMany(at, definition);
                break;
            default:
                BeginOne(at, definition);
                break;
        }

        return HasEnded(_steps[at]);
    }

    private void BeginTimer(int at, StepTimer timer)
    {
        var due = timer.Until ?? _now.AddSeconds(timer.Seconds!.Value);
        if (due <= _now)
        {
            Succeed(at, null);
        }
        else
        {
            Change(at, StepEvent.Wait, s => s with { StartedAt = _now, DueAt = due });
        }
    }

    private void BeginOne(int at, StepDefinition definition)
    {
        var (payload, fault) = JobCheck.Fill(_types, definition.Job!, _scope);
        if (payload is null)
        {
            Fail(at, fault!);
            return;
        }

        var id = Start(definition.Name, definition.Job!, payload);
        Change(at, StepEvent.Start, s => s with { JobId = id, StartedAt = _now });
    }

    /// <summary>A job for each element; on a retry only for those that have not succeeded.</summary>
    private void BeginMany(int at, StepDefinition definition)
    {
        var list = _scope.Find(definition.ForEach!.Whole!) ?? default;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxElements)
        {
            Fail(at, list.ValueKind == JsonValueKind.Array
                ? $"'{definition.ForEach.Whole}' has {list.GetArrayLength()} elements; {MaxElements} are allowed."
                : $"'{definition.ForEach.Whole}' is no list.");
            return;
        }

        var earlier = _steps[at].Elements;
        var elements = new Element[list.GetArrayLength()];
        var payloads = new byte[elements.Length][];
        var size = 0L;
        for (var i = 0; i < elements.Length; i++)
        {
            if (earlier?.Count == elements.Length && earlier[i].State == StepState.Succeeded)
            {
                elements[i] = earlier[i];
                continue;
            }

            var (payload, fault) = JobCheck.Fill(_types, definition.Job!, _scope.WithItem(list[i], i));
            size += payload?.Length ?? 0;
            if (payload is null || size > MaxPayloads)
            {
                // Nothing of it has been started yet.
                Fail(at, payload is null ? $"Element {i}: {fault}" : $"The payloads of its jobs have more than {MaxPayloads} bytes together.");
                return;
            }

            payloads[i] = payload;
        }

        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] ??= new(Start(definition.Name, definition.Job!, payloads[i]), StepState.Running, null, null);
        }

        var left = elements.Count(e => e.State == StepState.Running);
        if (left == 0)
        {
            Succeed(at, Collect(elements));
            return;
        }

        Change(at, StepEvent.Start, s => s with { StartedAt = _now, Elements = elements, ElementCount = elements.Length, ElementsLeft = left });
    }

    private Guid Start(string step, JobTemplate job, byte[] payload)
    {
        var id = _newId();
        var usual = _types.OptionsOf(job.Type);
        _starts.Add(new(id, step, job.Type, job.Queue, job.Priority, job.MaxAttempts ?? usual.MaxAttempts, job.TimeoutSeconds ?? usual.TimeoutSeconds, payload));
        return id;
    }

    /// <summary>The results in the order of the elements, null for those that have none.</summary>
    private static byte[] Collect(IReadOnlyList<Element> elements) => JsonBytes.Write(json =>
    {
        json.WriteStartArray();
        foreach (var element in elements)
        {
            if (element.Result is { Length: > 0 } result)
            {
                json.WriteRawValue(result, skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    });
}
