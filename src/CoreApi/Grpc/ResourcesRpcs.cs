using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Grpc.Hosting;

namespace Platform.CoreApi.Grpc;

/// <summary><c>platform.v1.Resources</c>: the route that each method is.</summary>
internal static class ResourcesRpcs
{
    public static IServiceCollection AddResourcesRpcs(this IServiceCollection services) =>
        services.AddGrpcService(ResourcesReflection.Descriptor.Services[0], resources => resources
            .Map("Create", "POST", "/v1/resources")
            .Map("Get", "GET", "/v1/resources/{id}")
            .Map("List", "GET", "/v1/resources")
            .Map("Update", "PATCH", "/v1/resources/{id}")
            .Map("Replace", "PUT", "/v1/resources/{id}")
            .Map("Delete", "DELETE", "/v1/resources/{id}")
            .Map("ListHistory", "GET", "/v1/resources/{id}/history"));
}
