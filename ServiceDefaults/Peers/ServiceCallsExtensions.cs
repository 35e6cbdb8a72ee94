using Microsoft.Extensions.DependencyInjection;

namespace Platform.ServiceDefaults.Peers;

internal static class ServiceCallsExtensions
{
    public static IServiceCollection AddPlatformServiceCalls(this IServiceCollection services)
    {
        services.AddSingleton<ServiceSecret>();
        services.AddSingleton<ServiceTokens>();
        services.AddSingleton<ServiceTokenAuthenticator>();
        services.AddSingleton<ServiceAddresses>();
        return services.AddSingleton(s => new ServiceCalls(
            s.GetRequiredService<ServiceTokens>(), s.GetRequiredService<ServiceAddresses>(), s.GetRequiredService<TimeProvider>()));
    }
}
