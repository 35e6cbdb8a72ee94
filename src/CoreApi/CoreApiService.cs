using Platform.Contracts.Events;
using Platform.CoreApi.Caching;
using Platform.CoreApi.Feed;
using Platform.CoreApi.Files;
using Platform.CoreApi.Grpc;
using Platform.CoreApi.Resources;
using Platform.Eventing;

namespace Platform.CoreApi;

/// <summary>Versioned resources and their history, files, and the feed of what happens.</summary>
public static class CoreApiService
{
    public static IServiceCollection AddCoreApi(this IServiceCollection services)
    {
        services.AddEventing<CoreDatabase>(events => events
            .AddConsumer<RecordEvents>(RecordEvents.Group, [Topics.Core], configure: group => group with { WaitForDisk = true }));
        services.AddFeed();
        services.AddRpcs();
        return services.AddReadCache().AddFiles();
    }

    public static void MapCoreApi(this WebApplication app)
    {
        app.MapResources();
        app.MapFiles();
        app.MapFeed();
        app.MapWatches();
    }
}
