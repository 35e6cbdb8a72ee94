using Platform.Processing.Workflows.Advancing;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary>
/// <c>POST /v1/workflows/{id}:cancel {compensate?}</c>: 200. The jobs that run are cancelled, no other step starts, and where it is asked for, the
/// completed steps are undone. 409 for a workflow that is neither running nor failing.
/// </summary>
internal static class CancelWorkflow
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ChangeWorkflow change)
    {
        if (!WorkflowProblems.TryId(id, out var key))
        {
            return WorkflowProblems.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadOptionalAsync(http);
        if (unreadable is not null)
        {
            return unreadable;
        }

        using (body)
        {
            var compensates = body?.Fields.OptionalBool("compensate") ?? false;
            if (body?.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body?.Root ?? default);
            return badKey ?? await change.RunAsync(http, write, key, workflow =>
                Transitions.Allows(workflow.State, WorkflowEvent.Cancel) ? (new CancelAsked(compensates), null) : (null, WorkflowProblems.NotCancellable(workflow.State)));
        }
    }
}
