using Microsoft.Extensions.DependencyInjection;

namespace Platform.ServiceDefaults.RateLimiting;

public static class RateLimitingExtensions
{
    public static IServiceCollection AddPlatformRateLimiting(this IServiceCollection services) => services;
}
