using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Queues;

internal static class QueuesEndpoints
{
    public static void MapQueues(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/queues", ListQueues.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => QueuesDescriptions.List);
        app.MapPatch("/v1/queues/{queue}", LimitQueue.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => QueuesDescriptions.Limit);
        app.MapPost("/v1/queues/{queue}:pause", PauseQueue.PauseAsync).RequireScope(Scopes.JobsWrite).Describe(() => QueuesDescriptions.Pause);
        app.MapPost("/v1/queues/{queue}:resume", PauseQueue.ResumeAsync).RequireScope(Scopes.JobsWrite).Describe(() => QueuesDescriptions.Resume);
    }
}
