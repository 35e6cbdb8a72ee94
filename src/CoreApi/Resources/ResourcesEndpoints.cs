using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.CoreApi.Resources;

internal static class ResourcesEndpoints
{
    public static void MapResources(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/resources", CreateResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Create);
        app.MapGet("/v1/resources", ListResources.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.List);
        app.MapGet("/v1/resources/{id}", GetResource.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.Get);
        app.MapPut("/v1/resources/{id}", ReplaceResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Replace);
        app.MapPatch("/v1/resources/{id}", PatchResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Patch);
        app.MapDelete("/v1/resources/{id}", DeleteResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Delete);
        app.MapGet("/v1/resources/{id}/history", ListHistory.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.History);
    }
}
