using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Triggers;

internal static class TriggersEndpoints
{
    public static void MapTriggers(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/triggers", ChangeTrigger.CreateAsync).RequireScope(Scopes.JobsWrite).Describe(() => TriggersDescriptions.Create);
        app.MapGet("/v1/triggers", ReadTriggers.ListAsync).RequireScope(Scopes.JobsRead).Describe(() => TriggersDescriptions.List);
        app.MapGet("/v1/triggers/{id}", ReadTriggers.GetAsync).RequireScope(Scopes.JobsRead).Describe(() => TriggersDescriptions.Get);
        app.MapPatch("/v1/triggers/{id}", ChangeTrigger.PatchAsync).RequireScope(Scopes.JobsWrite).Describe(() => TriggersDescriptions.Patch);
        app.MapDelete("/v1/triggers/{id}", ChangeTrigger.DeleteAsync).RequireScope(Scopes.JobsWrite).Describe(() => TriggersDescriptions.Delete);
    }
}
