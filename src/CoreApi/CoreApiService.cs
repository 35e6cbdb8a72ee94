using Platform.CoreApi.Grpc;
using Platform.CoreApi.Resources;
using Platform.Eventing;

namespace Platform.CoreApi;

/// <summary>Versioned resources and their history.</summary>
public static class CoreApiService
{
    public static IServiceCollection AddCoreApi(this IServiceCollection services) => services.AddEventing<CoreDatabase>().AddResourcesRpcs();

    public static void MapCoreApi(this WebApplication app) => app.MapResources();
}
