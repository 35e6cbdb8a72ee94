using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Jobs;

internal static class JobsEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/jobs", SubmitJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Submit);
        app.MapGet("/v1/jobs", ListJobs.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => JobsDescriptions.List);
        app.MapGet("/v1/jobs/{id}", GetJob.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => JobsDescriptions.Get);
        app.MapPost("/v1/jobs/{id}:cancel", CancelJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Cancel);
        app.MapPost("/v1/jobs/{id}:retry", RetryJob.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => JobsDescriptions.Retry);
    }
}
