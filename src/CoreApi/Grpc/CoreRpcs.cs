using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc.Hosting;
using Platform.ServiceDefaults.Grpc.Transcoding;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Platform.CoreApi.Grpc;

/// <summary><c>platform.v1.Resources</c> and <c>platform.v1.Events</c>: the route that each method is.</summary>
internal static class CoreRpcs
{
    private static readonly ServiceDescriptor Resources = ResourcesReflection.Descriptor.Services[0];
    private static readonly ServiceDescriptor Events = EventsReflection.Descriptor.Services[0];

    public static void AddRpcs(this IServiceCollection services)
    {
        services.AddGrpcService(Resources, resources => resources
            .Map("Create", "POST", "/v1/resources")
            .Map("Get", "GET", "/v1/resources/{id}")
            .Map("List", "GET", "/v1/resources")
            .Map("Update", "PATCH", "/v1/resources/{id}")
            .Map("Replace", "PUT", "/v1/resources/{id}")
            .Map("Delete", "DELETE", "/v1/resources/{id}")
            .Map("BatchWrite", "POST", "/v1/resources:batch")
            .Map("Restore", "POST", "/v1/resources/{id}:restore")
            .Map("GetVersion", "GET", "/v1/resources/{id}/history/{version}")
            .Map("ListHistory", "GET", "/v1/resources/{id}/history")
            .MapStream("Watch"));
        services.AddGrpcService(Events, events => events
            .Map("Get", "GET", "/v1/events/{id}")
            .Map("List", "GET", "/v1/events")
            .MapStream("Watch"));
    }

    public static void MapWatches(this IEndpointRouteBuilder app)
    {
        app.MapServerStream(Resources, "Watch", WatchResources.HandleAsync).RequireScope(Scopes.ResourcesRead);
        app.MapServerStream(Events, "Watch", WatchEvents.HandleAsync).RequireScope(Scopes.EventsRead);
    }
}
