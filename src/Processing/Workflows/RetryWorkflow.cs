using Platform.Processing.Workflows.Advancing;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Workflows;

/// <summary>
/// <c>POST /v1/workflows/{id}:retry</c>: 200. A failed workflow goes on with the steps that failed; one whose compensation failed, with that compensation.
/// What has ended well stays. 409 for any other.
/// </summary>
internal static class RetryWorkflow
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ChangeWorkflow change)
    {
        if (!WorkflowProblems.TryId(id, out var key))
        {
            return WorkflowProblems.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await change.RunAsync(http, write, key, workflow =>
            Transitions.Allows(workflow.State, WorkflowEvent.Resume) ? (new RetryAsked(), null) : (null, WorkflowProblems.NotRetryable(workflow.State)));
    }
}
