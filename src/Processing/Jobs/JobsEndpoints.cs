using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Jobs;

internal static class JobsEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/jobs", SubmitJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Submit);
        app.MapPost("/v1/jobs:batch", SubmitJobs.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.SubmitMany);
        app.MapPost("/v1/jobs:cancel", CancelJobs.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.CancelMany);
        app.MapGet("/v1/jobs", ListJobs.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => JobsDescriptions.List);
        app.MapGet("/v1/jobs/{id}", GetJob.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => JobsDescriptions.Get);
        app.MapPatch("/v1/jobs/{id}", ChangeJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Change);
        app.MapPost("/v1/jobs/{id}:cancel", CancelJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Cancel);
        app.MapPost("/v1/jobs/{id}:retry", RetryJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Retry);
    }
}
