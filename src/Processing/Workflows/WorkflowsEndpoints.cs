using Platform.Processing.Running;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Rows;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Workflows;

internal static class WorkflowsEndpoints
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services) => services
        .AddSingleton<WorkflowSignal>()
        .AddSingleton<IJobEnding, NoteEndedJobs>()
        .AddSingleton<ChangeWorkflow>()
        .AddSingleton<DueWorkflows>()
        .AddHostedService<AdvanceWorkflows>()
        .AddSingleton<RemoveOldWorkflows>()
        .AddHostedService(s => s.GetRequiredService<RemoveOldWorkflows>());

    public static void MapWorkflows(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/workflows", CreateWorkflow.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => WorkflowsDescriptions.Create);
        app.MapGet("/v1/workflows", ReadWorkflows.ListAsync).RequireScope(Scopes.JobsRead).Describe(() => WorkflowsDescriptions.List);
        app.MapGet("/v1/workflows/{id}", ReadWorkflows.GetAsync).RequireScope(Scopes.JobsRead).Describe(() => WorkflowsDescriptions.Get);
        app.MapPost("/v1/workflows/{id}:cancel", CancelWorkflow.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => WorkflowsDescriptions.Cancel);
        app.MapPost("/v1/workflows/{id}:retry", RetryWorkflow.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => WorkflowsDescriptions.Retry);
        app.MapPost("/v1/workflows/{id}/steps/{name}:approve", DecideApproval.ApproveAsync).RequireScope(Scopes.JobsWrite).Describe(() => WorkflowsDescriptions.Approve);
        app.MapPost("/v1/workflows/{id}/steps/{name}:reject", DecideApproval.RejectAsync).RequireScope(Scopes.JobsWrite).Describe(() => WorkflowsDescriptions.Reject);
    }
}
