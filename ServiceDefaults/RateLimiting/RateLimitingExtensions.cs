using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.RateLimiting;

public static class RateLimitingExtensions
{
    /// <summary>A limit for each key, in this process; register another <see cref="IRateLimiter"/> before or after to share it.</summary>
    public static IServiceCollection AddPlatformRateLimiting(this IServiceCollection services)
    {
        services.AddOptions<RateLimitOptions>().BindConfiguration("RateLimit").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<IRateLimiter>(s =>
            new LocalRateLimiter(s.GetRequiredService<IOptions<RateLimitOptions>>().Value, s.GetRequiredService<TimeProvider>()));
        return services;
    }
}
