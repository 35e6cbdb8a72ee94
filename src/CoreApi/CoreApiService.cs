using Microsoft.Extensions.Options;
using Platform.CoreApi.Caching;
using Platform.CoreApi.Resources;
using Platform.CoreApi.ResourceTypes;
using Platform.Eventing;
using Platform.ServiceDefaults.Hosting;

namespace Platform.CoreApi;

/// <summary>Versioned resources, their history and their types.</summary>
public static class CoreApiService
{
    public static IServiceCollection AddCoreApi(this IServiceCollection services)
    {
        services.AddEventing<CoreDatabase>();
        services.AddOptions<ResourceOptions>().BindConfiguration("Resources").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<ResourceOptions>>().Value);
        services.AddSingleton<ResourceCounts>();
        services.AddSingleton<PurgeDeleted>();
        services.AddHostedService<ResourceUpkeep>();
        services.AddSingleton<TypeSchemas>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<TypeSchemas>());
        services.AddHostedService<TypeSchemasRefresh>();
        return services.AddReadCache();
    }

    public static void MapCoreApi(this WebApplication app)
    {
        app.MapResources();
        app.MapResourceTypes();
    }
}
