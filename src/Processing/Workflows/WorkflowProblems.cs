using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.Workflows;

/// <summary>What can be in the way of a workflow's change.</summary>
internal static class WorkflowProblems
{
    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Workflow, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("workflow");

    public static Problem StepNotFound() => KnownProblems.NotFound("step");

    public static Problem NotCancellable(string state) => new(StatusCodes.Status409Conflict, "workflow_not_cancellable", "The workflow cannot be cancelled",
        $"The workflow is {state}; one that is running or failing can be cancelled.");

    public static Problem NotRetryable(string state) => new(StatusCodes.Status409Conflict, "workflow_not_retryable", "The workflow cannot be retried",
        $"The workflow is {state}; one that is failed or compensation_failed can be retried.");

    public static Problem NotWaiting(string state) => new(StatusCodes.Status409Conflict, "approval_not_waiting", "The step does not wait for an approval",
        $"The step is {state}; an approval that is waiting can be decided.");

    public static Problem UniqueKeyTaken() => new(StatusCodes.Status409Conflict, "unique_key_taken", "Another workflow has this unique key",
        "A workflow of the same unique_key is alive.");
}
