using Platform.ServiceDefaults.Authentication;

namespace Platform.CoreApi.Resources;

internal static class ResourcesEndpoints
{
    public static void MapResources(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/resources", CreateResource.HandleAsync).RequireScope(Scopes.ResourcesWrite);
        app.MapGet("/v1/resources", ListResources.HandleAsync).RequireScope(Scopes.ResourcesRead);
        app.MapGet("/v1/resources/{id}", GetResource.HandleAsync).RequireScope(Scopes.ResourcesRead);
        app.MapPut("/v1/resources/{id}", ReplaceResource.HandleAsync).RequireScope(Scopes.ResourcesWrite);
        app.MapPatch("/v1/resources/{id}", PatchResource.HandleAsync).RequireScope(Scopes.ResourcesWrite);
        app.MapDelete("/v1/resources/{id}", DeleteResource.HandleAsync).RequireScope(Scopes.ResourcesWrite);
        app.MapGet("/v1/resources/{id}/history", ListHistory.HandleAsync).RequireScope(Scopes.ResourcesRead);
        app.MapGet("/v1/resources/{id}/history/{version}", ListHistory.HandleOneAsync).RequireScope(Scopes.ResourcesRead);
        app.MapPost("/v1/resources/{id}:restore", RestoreResource.HandleAsync).RequireScope(Scopes.ResourcesWrite);
        app.MapPost("/v1/resources:batch", WriteBatch.HandleAsync).RequireScope(Scopes.ResourcesWrite);
    }
}
