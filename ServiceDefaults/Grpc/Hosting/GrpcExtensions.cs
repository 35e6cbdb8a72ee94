using GrpcDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.ServiceDefaults.Grpc.Standard;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Hosting;

namespace Platform.ServiceDefaults.Grpc.Hosting;

/// <summary>gRPC in a service.</summary>
public static class GrpcExtensions
{
    /// <summary>Offers a service of gRPC whose methods are routes of this process.</summary>
    /// <param name="descriptor">The generated descriptor, such as <c>ResourcesReflection.Descriptor.Services[0]</c>.</param>
    /// <param name="map">Names the route of each method. One that is not named is answered with UNIMPLEMENTED.</param>
    public static IServiceCollection AddGrpcService(this IServiceCollection services, GrpcDescriptor descriptor, Action<RpcService> map) =>
        services.AddSingleton<RpcService>(_ =>
        {
            var service = new RpcService(descriptor);
            map(service);
            return service;
        });

    internal static void AddPlatformGrpc(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GrpcOptions>().BindConfiguration("Grpc");
        services.AddSingleton(s => s.GetRequiredService<IOptions<GrpcOptions>>().Value);
        services.AddSingleton<GrpcEndpoint>();
        services.AddSingleton<HealthStatus>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<RpcService>(s => HealthService.Create(s.GetRequiredService<HealthStatus>(), s.GetRequiredService<OpenStreams>()));
        services.AddSingleton<RpcService>(s => ReflectionService.Create(s, s.GetRequiredService<OpenStreams>()));
        services.AddSingleton<RpcService>(s => ReflectionService.CreateAlpha(s, s.GetRequiredService<OpenStreams>()));

        var server = services.Last(d => d.ServiceType == typeof(IServer));
        services.Replace(ServiceDescriptor.Singleton<IServer>(s =>
        {
            var main = (IServer)ActivatorUtilities.CreateInstance(s, server.ImplementationType!);
            return ReadPort(s.GetRequiredService<IConfiguration>()) is { } port
                ? new GrpcServer(main, port, s.GetRequiredService<GrpcOptions>(), s.GetRequiredService<GrpcEndpoint>(),
                    s.GetRequiredService<IConnectionListenerFactory>(), s, s.GetRequiredService<ILoggerFactory>())
                : main;
        }));
    }

    /// <summary>First in the pipeline, so that all of it serves what gRPC asks.</summary>
    internal static void UsePlatformGrpc(this IApplicationBuilder app) => app.UseMiddleware<GrpcMiddleware>();

    private static int? ReadPort(IConfiguration configuration)
    {
        var text = configuration[GrpcOptions.PortSetting];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return int.TryParse(text, out var port) && port is >= 0 and <= 65535
            ? port
            : throw new StartupException($"{GrpcOptions.PortSetting} is '{text}', which is no port.");
    }
}
