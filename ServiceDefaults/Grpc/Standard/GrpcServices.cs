using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Grpc.Transcoding;

namespace Platform.ServiceDefaults.Grpc.Standard;

/// <summary>The services that this process offers.</summary>
internal static class GrpcServices
{
    public static IEnumerable<RpcService> Of(IServiceProvider services) => services.GetServices<RpcService>();
}
