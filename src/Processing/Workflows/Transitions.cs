namespace Platform.Processing.Workflows;

/// <summary>
/// The state machine: from which state what leads where. What is not in it does not happen; docs/guides/workflows.md shows the same tables, and a test
/// compares them pair by pair.
/// </summary>
internal static class Transitions
{
    public static IReadOnlyDictionary<(string State, string Event), string> OfWorkflows { get; } = new Dictionary<(string, string), string>
    {
        [(WorkflowState.Running, WorkflowEvent.Finish)] = WorkflowState.Succeeded,
        [(WorkflowState.Running, WorkflowEvent.Fail)] = WorkflowState.Failing,
        [(WorkflowState.Running, WorkflowEvent.Cancel)] = WorkflowState.Cancelled,
        [(WorkflowState.Running, WorkflowEvent.CancelAndCompensate)] = WorkflowState.Compensating,
        [(WorkflowState.Failing, WorkflowEvent.Stop)] = WorkflowState.Failed,
        [(WorkflowState.Failing, WorkflowEvent.Compensate)] = WorkflowState.Compensating,
        [(WorkflowState.Failing, WorkflowEvent.Cancel)] = WorkflowState.Cancelled,
        [(WorkflowState.Failing, WorkflowEvent.CancelAndCompensate)] = WorkflowState.Compensating,
        [(WorkflowState.Compensating, WorkflowEvent.Undone)] = WorkflowState.Compensated,
        [(WorkflowState.Compensating, WorkflowEvent.CompensationDies)] = WorkflowState.CompensationFailed,
        [(WorkflowState.Failed, WorkflowEvent.Resume)] = WorkflowState.Running,
        [(WorkflowState.CompensationFailed, WorkflowEvent.Resume)] = WorkflowState.Compensating,
    };

    public static IReadOnlyDictionary<(string State, string Event), string> OfSteps { get; } = new Dictionary<(string, string), string>
    {
        [(StepState.Pending, StepEvent.Start)] = StepState.Running,
        [(StepState.Pending, StepEvent.Wait)] = StepState.Waiting,
        [(StepState.Pending, StepEvent.Skip)] = StepState.Skipped,
        [(StepState.Pending, StepEvent.Succeed)] = StepState.Succeeded,
        [(StepState.Pending, StepEvent.Fail)] = StepState.Failed,
        [(StepState.Pending, StepEvent.Cancel)] = StepState.Cancelled,
        [(StepState.Running, StepEvent.Succeed)] = StepState.Succeeded,
        [(StepState.Running, StepEvent.Fail)] = StepState.Failed,
        [(StepState.Running, StepEvent.Cancel)] = StepState.Cancelled,
        [(StepState.Waiting, StepEvent.Succeed)] = StepState.Succeeded,
        [(StepState.Waiting, StepEvent.Fail)] = StepState.Failed,
        [(StepState.Waiting, StepEvent.Cancel)] = StepState.Cancelled,
        [(StepState.Failed, StepEvent.Succeed)] = StepState.Succeeded,
        [(StepState.Failed, StepEvent.Reset)] = StepState.Pending,
        [(StepState.Cancelled, StepEvent.Reset)] = StepState.Pending,
    };

    /// <summary>Whether this can happen to a workflow in this state.</summary>
    public static bool Allows(string state, string happening) => OfWorkflows.ContainsKey((state, happening));

    /// <exception cref="InvalidOperationException">It cannot happen: a bug.</exception>
    public static string OfWorkflow(string state, string happening) =>
        OfWorkflows.TryGetValue((state, happening), out var next) ? next : throw new InvalidOperationException($"A workflow that is {state} cannot {happening}.");

    /// <exception cref="InvalidOperationException">It cannot happen: a bug.</exception>
    public static string OfStep(string state, string happening) =>
        OfSteps.TryGetValue((state, happening), out var next) ? next : throw new InvalidOperationException($"A step that is {state} cannot {happening}.");
}
