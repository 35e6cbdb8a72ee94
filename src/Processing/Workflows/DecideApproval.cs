using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Definition;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary>
/// <c>POST /v1/workflows/{id}/steps/{name}:approve {comment?}</c> and <c>:reject</c>: 200. A rejected step has failed. 409 for a step that is no approval
/// or does not wait any more.
/// </summary>
internal static class DecideApproval
{
    public const int MaxComment = 1024;

    public static Task<IResult> ApproveAsync(string id, string name, HttpContext http, ChangeWorkflow change) => HandleAsync(id, name, http, change, approves: true);

    public static Task<IResult> RejectAsync(string id, string name, HttpContext http, ChangeWorkflow change) => HandleAsync(id, name, http, change, approves: false);

    private static async Task<IResult> HandleAsync(string id, string name, HttpContext http, ChangeWorkflow change, bool approves)
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
            var comment = body?.Fields.OptionalString("comment", MaxComment);
            if (body?.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body?.Root ?? default);
            return badKey ?? await change.RunAsync(http, write, key, workflow =>
            {
                var at = workflow.Steps.Select((s, i) => (s, i)).Where(x => x.s.Name == name).Select(x => (int?)x.i).FirstOrDefault();
                return at switch
                {
                    null => (null, WorkflowProblems.StepNotFound()),
                    { } i when workflow.Definition[i].Kind == StepKind.Approval && workflow.Steps[i].State == StepState.Waiting =>
                        (new Decided(name, approves, comment, http.Principal().KeyId), null),
                    { } i => (null, WorkflowProblems.NotWaiting(workflow.Steps[i].State)),
                };
            });
        }
    }
}
