using System.Text.Json;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Definition;
using Platform.Processing.Workflows.Expressions;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>
/// What becomes of a workflow when something happened to it: a function of the workflow, of what happened and of the time, and nothing else. Who calls
/// it holds the workflow's row and writes what it returns in one transaction.
/// </summary>
internal sealed partial class Advance
{
    /// <summary>Elements of a <c>for_each</c>.</summary>
    public const int MaxElements = 1000;

    /// <summary>Bytes that the payloads of a step's jobs may have together.</summary>
    public const int MaxPayloads = 16 * 1024 * 1024;

    /// <summary>Bytes that the results of a step with many jobs may have together.</summary>
    public const int MaxResult = 4 * 1024 * 1024;

    private readonly Workflow _before;
    private readonly Step[] _steps;
    private readonly Dictionary<string, int> _index;
    private readonly DateTimeOffset _now;
    private readonly JobTypes _types;
    private readonly Func<Guid> _newId;
    private readonly Scope _scope;
    private readonly List<JobStart> _starts = [];
    private readonly List<Guid> _cancelledJobs = [];
    private readonly List<Guid> _forgottenJobs = [];
    private readonly List<Announcement> _announcements = [];
    private Workflow _workflow;

    private Advance(Workflow before, DateTimeOffset now, JobTypes types, Func<Guid> newId)
    {
        _before = _workflow = before;
        _steps = [.. before.Steps];
        _index = before.Definition.Select((d, i) => (d.Name, i)).ToDictionary(x => x.Name, x => x.i, StringComparer.Ordinal);
        _now = now;
        _types = types;
        _newId = newId;
        _scope = WorkflowReferences.ScopeOf(JsonElement.Parse(before.Input.Span), before.PublicId, before.Name, FindOfStep);
    }

    /// <summary>A new workflow: what needs nothing starts.</summary>
    public static Advanced Begin(Workflow created, DateTimeOffset now, JobTypes types, Func<Guid> newId)
    {
        var advance = new Advance(created, now, types, newId);
        advance._announcements.Add(new(AnnouncementKind.Started, created));
        return advance.Settle();
    }

    /// <summary>A workflow after these happenings, in their order. Those that have come too late change nothing.</summary>
    /// <param name="now">By the database's clock.</param>
    public static Advanced Run(Workflow before, IReadOnlyList<Happening> happenings, DateTimeOffset now, JobTypes types, Func<Guid> newId)
    {
        var advance = new Advance(before, now, types, newId);
        foreach (var happening in happenings)
        {
            advance.Apply(happening);
        }

        return advance.Settle();
    }

    private void Apply(Happening happening)
    {
        switch (happening)
        {
            case JobEnded ended when _index.TryGetValue(ended.Step, out var at):
                Apply(at, ended);
                break;
            case TimeCame came when _index.TryGetValue(came.Step, out var at):
                ComeTime(at);
                break;
            case Decided decided when _index.TryGetValue(decided.Step, out var at):
                Apply(at, decided);
                break;
            case CancelAsked asked:
                Cancel(asked.Compensates);
                break;
            case RetryAsked:
                Retry();
                break;
        }
    }

    /// <summary>Goes on until nothing more follows from what is known.</summary>
    private Advanced Settle()
    {
        while (Follow())
        {
            // One thing follows from another.
        }

        var after = _workflow with { Steps = _steps };
        return new(_before, after, _starts, _cancelledJobs, _forgottenJobs, _announcements);
    }

    private bool Follow() => _workflow.State switch
    {
        WorkflowState.Running => FollowRunning(),
        WorkflowState.Failing => FollowFailing(),
        WorkflowState.Compensating => FollowCompensating(),
        _ => false,
    };

    private bool FollowRunning()
    {
        for (var i = 0; i < _steps.Length; i++)
        {
            if (_steps[i].State == StepState.Failed && !_before.Definition[i].ContinuesOnFailure)
            {
                Fire(WorkflowEvent.Fail, _steps[i].Name, _steps[i].Error);
                CancelSteps(StepState.Waiting);
                return true;
            }
        }

        var changed = false;
        for (var i = 0; i < _steps.Length; i++)
        {
            changed |= _steps[i].State == StepState.Pending && _before.Definition[i].Needs.All(n => HasEnded(_steps[_index[n]])) && Begin(i);
        }

        if (changed)
        {
            return true;
        }

        if (_steps.All(HasEnded))
        {
            Fire(WorkflowEvent.Finish);
        }

        return false;
    }

    private bool FollowFailing()
    {
        if (_steps.Any(s => s.State == StepState.Running))
        {
            return false;
        }

        Fire(_workflow.CompensatesOnFailure ? WorkflowEvent.Compensate : WorkflowEvent.Stop, _workflow.FailedStep, _workflow.Error);
        return true;
    }

    private static bool HasEnded(Step step) => step.State is StepState.Succeeded or StepState.Skipped or StepState.Failed;

    /// <summary>The one place where a workflow's state changes.</summary>
    private void Fire(string happening, string? failedStep = null, string? error = null)
    {
        var state = Transitions.OfWorkflow(_workflow.State, happening);
        _workflow = _workflow with { State = state, FailedStep = failedStep, Error = error, FinishedAt = WorkflowState.IsAlive(state) ? null : _now };
        if (state == WorkflowState.Compensating)
        {
            CancelSteps(StepState.Pending);
        }

        if (Announcement.Of(happening) is { } kind)
        {
            _announcements.Add(new(kind, _workflow));
        }
    }

    private void CancelSteps(string state)
    {
        for (var i = 0; i < _steps.Length; i++)
        {
            if (_steps[i].State == state)
            {
                Change(i, StepEvent.Cancel, s => s with { FinishedAt = _now, DueAt = null });
            }
        }
    }

    /// <summary>The one place where a step's state changes.</summary>
    private void Change(int step, string happening, Func<Step, Step> with) =>
        _steps[step] = with(_steps[step]) with { State = Transitions.OfStep(_steps[step].State, happening) };

    private void Succeed(int step, byte[]? result) => Change(step, StepEvent.Succeed, s => s with
    {
        Result = result, IsResultUnread = false, Error = null, DueAt = null, StartedAt = s.StartedAt ?? _now, FinishedAt = _now, Completion = 1 + _steps.Max(o => o.Completion ?? 0),
    });

    private void Fail(int step, string error, byte[]? result = null) =>
        Change(step, StepEvent.Fail, s => s with { Result = result, IsResultUnread = false, Error = error, DueAt = null, StartedAt = s.StartedAt ?? _now, FinishedAt = _now });

    private JsonElement FindOfStep(string name, string field)
    {
        var step = _steps[_index[name]];
        if (field == "result" && step.IsResultUnread)
        {
            throw new InvalidOperationException($"The result of '{name}' was not read.");
        }

        return field switch
        {
            "state" => JsonSerializer.SerializeToElement(step.State),
            "error" => JsonSerializer.SerializeToElement(step.Error),

            // A step that succeeded and brought nothing brought null; one that did not has no result.
            _ => step.Result is { } result ? JsonElement.Parse(result) : step.State == StepState.Succeeded ? JsonElement.Parse("null"u8) : default,
        };
    }
}
