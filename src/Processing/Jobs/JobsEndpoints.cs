using Platform.ServiceDefaults.Authentication;

namespace Platform.Processing.Jobs;

internal static class JobsEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/jobs", SubmitJob.HandleAsync).RequireScope(Scopes.JobsWrite);
        app.MapGet("/v1/jobs", ListJobs.HandleAsync).RequireScope(Scopes.JobsRead);
        app.MapGet("/v1/jobs/{id}", GetJob.HandleAsync).RequireScope(Scopes.JobsRead);
        app.MapPost("/v1/jobs/{id}:cancel", CancelJob.HandleAsync).RequireScope(Scopes.JobsWrite);
        app.MapPost("/v1/jobs/{id}:retry", RetryJob.HandleAsync).RequireScope(Scopes.JobsWrite);
    }
}
