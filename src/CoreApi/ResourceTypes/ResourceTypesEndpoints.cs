using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.CoreApi.ResourceTypes;

internal static class ResourceTypesEndpoints
{
    public static void AddResourceTypes(this IServiceCollection services)
    {
        services.AddSingleton<TypeSchemas>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<TypeSchemas>());
        services.AddHostedService<TypeSchemasRefresh>();
    }

    /// <summary>The scope to write implies the role: viewers never have it.</summary>
    public static void MapResourceTypes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/resource-types", ReadResourceTypes.ListAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourceTypesDescriptions.List);
        app.MapGet("/v1/resource-types/{type}", ReadResourceTypes.GetAsync).RequireScope(Scopes.ResourcesRead).Describe(() => ResourceTypesDescriptions.Get);
        app.MapPut("/v1/resource-types/{type}", SaveResourceType.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourceTypesDescriptions.Save);
        app.MapDelete("/v1/resource-types/{type}", DeleteResourceType.HandleAsync).RequireScope(Scopes.ResourcesWrite).Describe(() => ResourceTypesDescriptions.Delete);
    }
}
