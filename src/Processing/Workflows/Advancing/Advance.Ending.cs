using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Jobs that ended, times that came, and decisions.</summary>
internal sealed partial class Advance
{
    private void Apply(int at, JobEnded ended)
    {
        var step = _steps[at];
        if (step.CompensationJobId == ended.JobId)
        {
            EndCompensation(at, ended);
        }
        else if (step.JobId == ended.JobId)
        {
            EndOne(at, ended);
        }
        else if (step.Elements is { } elements && IndexOf(elements, ended.JobId) is var element and >= 0)
        {
            EndElement(at, element, ended);
        }
    }

    private void EndOne(int at, JobEnded ended)
    {
        if (_steps[at].State == StepState.Running && _workflow.State is WorkflowState.Running or WorkflowState.Failing)
        {
            if (ended.HasSucceeded)
            {
                Succeed(at, ended.Result);
            }
            else
            {
                Fail(at, ended.Reason);
            }
        }
        else if (_steps[at].State == StepState.Failed && _workflow.State == WorkflowState.Failed && ended.HasSucceeded)
        {
            // The dead job was redriven: the workflow goes on from here.
            Succeed(at, ended.Result);
            Resume(except: at);
        }
    }

    private void EndElement(int at, int number, JobEnded ended)
    {
        var step = _steps[at];
        var element = step.Elements![number];
        var isOpen = step.State == StepState.Running && element.State == StepState.Running && _workflow.State is WorkflowState.Running or WorkflowState.Failing;
        var isRedriven = step.State == StepState.Failed && element.State == StepState.Failed && _workflow.State == WorkflowState.Failed && ended.HasSucceeded;
        if (!isOpen && !isRedriven)
        {
            return;
        }

        Element[] elements = [.. step.Elements];
        elements[number] = ended.HasSucceeded
            ? element with { State = StepState.Succeeded, Result = ended.Result, Error = null }
            : element with { State = StepState.Failed, Error = ended.Reason };
        _steps[at] = step with { Elements = elements, ElementsLeft = step.ElementsLeft - (isOpen ? 1 : 0) };
        if (isOpen ? _steps[at].ElementsLeft == 0 : elements.All(e => e.State == StepState.Succeeded))
        {
            EndMany(at, elements);
            if (isRedriven && _steps[at].State == StepState.Succeeded)
            {
                Resume(except: at);
            }
        }
    }

    private void EndMany(int at, Element[] elements)
    {
        var failed = elements.Count(e => e.State != StepState.Succeeded);
        if (elements.Sum(e => (long)(e.Result?.Length ?? 4)) > MaxResult)
        {
            Fail(at, $"The results of its {elements.Length} jobs have more than {MaxResult} bytes together.");
        }
        else if (failed == 0)
        {
            Succeed(at, Collect(elements));
        }
        else
        {
            var first = Array.FindIndex(elements, e => e.State != StepState.Succeeded);
            Fail(at, $"{failed} of {elements.Length} jobs failed; the first, of element {first}: {elements[first].Error}", Collect(elements));
        }
    }

    private void ComeTime(int at)
    {
        var step = _steps[at];
        if (step.State != StepState.Waiting || step.DueAt is not { } due || due > _now)
        {
            return;
        }

        if (_before.Definition[at].Approval is not { } approval)
        {
            Succeed(at, null);
        }
        else if (approval.ApprovesOnExpiry)
        {
            Succeed(at, Decision("approved", "It expired.", null));
        }
        else
        {
            Fail(at, "The approval expired.", Decision("rejected", "It expired.", null));
        }
    }

    private void Apply(int at, Decided decided)
    {
        if (_steps[at].State != StepState.Waiting)
        {
            return;
        }

        var decision = Decision(decided.Approves ? "approved" : "rejected", decided.Comment, decided.By);
        if (decided.Approves)
        {
            Succeed(at, decision);
        }
        else
        {
            Fail(at, decided.Comment is null ? "It was rejected." : $"It was rejected: {decided.Comment}", decision);
        }
    }

    private byte[] Decision(string decision, string? comment, Guid? by) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("decision", decision);
        json.WriteString("comment", comment);
        json.WriteString("by", by is { } key ? TypeId.Format(IdPrefix.ApiKey, key) : null);
        json.WriteString("at", Rfc3339.Format(_now));
        json.WriteEndObject();
    });

    private static int IndexOf(IReadOnlyList<Element> elements, Guid job)
    {
        for (var i = 0; i < elements.Count; i++)
        {
            if (elements[i].JobId == job)
            {
                return i;
            }
        }

        return -1;
    }
}
