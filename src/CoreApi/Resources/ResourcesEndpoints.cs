using Microsoft.Extensions.Options;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.CoreApi.Resources;

internal static class ResourcesEndpoints
{
    public static void AddResources(this IServiceCollection services)
    {
        services.AddOptions<ResourceOptions>().BindConfiguration("Resources").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<ResourceOptions>>().Value);
        services.AddSingleton<ResourceCounts>();
        services.AddSingleton<PurgeDeleted>();
        services.AddHostedService<ResourceUpkeep>();
    }

    public static void MapResources(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/resources", CreateResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Create);
        app.MapGet("/v1/resources", ListResources.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.List);
        app.MapGet("/v1/resources/{id}", GetResource.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.Get);
        app.MapPut("/v1/resources/{id}", ReplaceResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Replace);
        app.MapPatch("/v1/resources/{id}", PatchResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Patch);
        app.MapDelete("/v1/resources/{id}", DeleteResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Delete);
        app.MapGet("/v1/resources/{id}/history", ListHistory.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.History);
        app.MapGet("/v1/resources/{id}/history/{version}", ListHistory.HandleOneAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourcesDescriptions.GetVersion);
        app.MapPost("/v1/resources/{id}:restore", RestoreResource.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourcesDescriptions.Restore);
        app.MapPost("/v1/resources:batch", WriteBatch.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => BatchDescriptions.Write);
    }
}
