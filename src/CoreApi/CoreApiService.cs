using Platform.Contracts.Events;
using Platform.CoreApi.Caching;
using Platform.CoreApi.Feed;
using Platform.CoreApi.Files;
using Platform.CoreApi.Grpc;
using Platform.CoreApi.Resources;
using Platform.CoreApi.ResourceTypes;
using Platform.Eventing;

namespace Platform.CoreApi;

/// <summary>Versioned resources, their history and their types, files, and the feed of what happens.</summary>
public static class CoreApiService
{
    public static IServiceCollection AddCoreApi(this IServiceCollection services)
    {
        services.AddEventing<CoreDatabase>(events => events
            .AddConsumer<RecordEvents>(RecordEvents.Group, [Topics.Core], configure: group => group with { WaitForDisk = true }));
        services.AddResources();
        services.AddResourceTypes();
        services.AddReadCache();
        services.AddFiles();
        services.AddFeed();
        services.AddRpcs();
        return services;
    }

    public static void MapCoreApi(this WebApplication app)
    {
        app.MapResources();
        app.MapResourceTypes();
        app.MapFiles();
        app.MapFeed();
        app.MapWatches();
    }
}
