using Platform.Processing.Workflows.Definition;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Against the direction of the steps: cancelling, retrying, compensating.</summary>
internal sealed partial class Advance
{
    private const string Cancelled = "It was cancelled.";

    /// <summary>Before a compensation failed as well.</summary>
    private string WhyItFailed => Array.Find(_steps, s => s.Name == _workflow.FailedStep)?.Error ?? Cancelled;

    private void Cancel(bool compensates)
    {
        if (!Transitions.Allows(_workflow.State, WorkflowEvent.Cancel))
        {
            return;
        }

        for (var i = 0; i < _steps.Length; i++)
        {
            var step = _steps[i];
            if (step.State is not (StepState.Pending or StepState.Waiting or StepState.Running))
            {
                continue;
            }

            if (step.State == StepState.Running && step.Elements is { } elements)
            {
                _cancelledJobs.AddRange(elements.Where(e => e.State == StepState.Running).Select(e => e.JobId));
                step = step with { ElementsLeft = 0, Elements = [.. elements.Select(e => e.State == StepState.Running ? e with { State = StepState.Cancelled } : e)] };
            }
            else if (step.State == StepState.Running)
            {
                _cancelledJobs.Add(step.JobId!.Value);
            }

            Change(i, StepEvent.Cancel, _ => step with { DueAt = null, FinishedAt = _now });
        }

        Fire(compensates ? WorkflowEvent.CancelAndCompensate : WorkflowEvent.Cancel, _workflow.FailedStep, Cancelled);
    }

    private void Retry()
    {
        if (_workflow.State == WorkflowState.CompensationFailed)
        {
            for (var i = 0; i < _steps.Length; i++)
            {
                if (_steps[i].Compensation == StepState.Failed)
                {
                    Forget(_steps[i].CompensationJobId);
                    _steps[i] = _steps[i] with { Compensation = null, CompensationJobId = null, CompensationError = null };
                }
            }

            Fire(WorkflowEvent.Resume, _workflow.FailedStep, WhyItFailed);
        }
        else if (_workflow.State == WorkflowState.Failed)
        {
            Resume(except: -1);
        }
    }

    /// <summary>What failed, and what was given up with it, is to do again; what has ended well stays.</summary>
    private void Resume(int except)
    {
        for (var i = 0; i < _steps.Length; i++)
        {
            var step = _steps[i];
            if (i == except || step.State is not (StepState.Failed or StepState.Cancelled) || (step.State == StepState.Failed && _before.Definition[i].ContinuesOnFailure))
            {
                continue;
            }

            Forget(step.JobId);
            foreach (var element in step.Elements?.Where(e => e.State != StepState.Succeeded) ?? [])
            {
                Forget(element.JobId);
            }

            Change(i, StepEvent.Reset, s => s with { JobId = null, Result = null, Error = null, DueAt = null, StartedAt = null, FinishedAt = null });
        }

        Fire(WorkflowEvent.Resume);
    }

    /// <summary>A job in whose place another comes is no dead letter any more.</summary>
    private void Forget(Guid? job)
    {
        if (job is { } id)
        {
            _forgottenJobs.Add(id);
        }
    }

    /// <summary>One compensation at a time, that of the step that succeeded last first.</summary>
    private bool FollowCompensating()
    {
        if (Array.Find(_steps, s => s.Compensation == StepState.Failed) is { } failed)
        {
            Fire(WorkflowEvent.CompensationDies, _workflow.FailedStep, $"The compensation of '{failed.Name}' failed: {failed.CompensationError}");
            return true;
        }

        if (_steps.Any(s => s.Compensation == StepState.Running))
        {
            return false;
        }

        var next = Enumerable.Range(0, _steps.Length)
            .Where(i => _steps[i] is { State: StepState.Succeeded, Compensation: null } && _before.Definition[i].Compensate is not null)
            .OrderByDescending(i => _steps[i].Completion).Select(i => (int?)i).FirstOrDefault();
        if (next is { } at)
        {
            BeginCompensation(at, _before.Definition[at].Compensate!);
        }
        else
        {
            Fire(WorkflowEvent.Undone, _workflow.FailedStep, _workflow.Error);
        }

        return true;
    }

    private void BeginCompensation(int at, JobTemplate job)
    {
        var (payload, fault) = JobCheck.Fill(_types, job, _scope);
        _steps[at] = payload is null
            ? _steps[at] with { Compensation = StepState.Failed, CompensationError = fault }
            : _steps[at] with { Compensation = StepState.Running, CompensationJobId = Start(_steps[at].Name, job, payload) };
    }

    private void EndCompensation(int at, JobEnded ended)
    {
        var isRedriven = _workflow.State == WorkflowState.CompensationFailed && _steps[at].Compensation == StepState.Failed && ended.HasSucceeded;
        if (!isRedriven && (_workflow.State != WorkflowState.Compensating || _steps[at].Compensation != StepState.Running))
        {
            return;
        }

        _steps[at] = ended.HasSucceeded
            ? _steps[at] with { Compensation = StepState.Succeeded, CompensationError = null }
            : _steps[at] with { Compensation = StepState.Failed, CompensationError = ended.Reason };
        if (isRedriven)
        {
            Fire(WorkflowEvent.Resume, _workflow.FailedStep, WhyItFailed);
        }
    }
}
