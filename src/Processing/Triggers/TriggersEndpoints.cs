using Platform.ServiceDefaults.Authentication;

namespace Platform.Processing.Triggers;

internal static class TriggersEndpoints
{
    public static void MapTriggers(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/triggers", CreateTrigger.HandleAsync).RequireScope(Scopes.JobsWrite);
        app.MapGet("/v1/triggers", ReadTriggers.ListAsync).RequireScope(Scopes.JobsRead);
        app.MapGet("/v1/triggers/{id}", ReadTriggers.GetAsync).RequireScope(Scopes.JobsRead);
        app.MapDelete("/v1/triggers/{id}", DeleteTrigger.HandleAsync).RequireScope(Scopes.JobsWrite);
    }
}
