using Platform.ServiceDefaults.Authentication;

namespace Platform.Processing.Queues;

internal static class QueuesEndpoints
{
    public static void MapQueues(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/queues", ListQueues.HandleAsync).RequireScope(Scopes.JobsRead);
        app.MapPost("/v1/queues/{queue}:pause", PauseQueue.PauseAsync).RequireScope(Scopes.JobsWrite);
        app.MapPost("/v1/queues/{queue}:resume", PauseQueue.ResumeAsync).RequireScope(Scopes.JobsWrite);
    }
}
