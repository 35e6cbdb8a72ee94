using Platform.CoreApi.Caching.Redis;
using Platform.ServiceDefaults.Hosting;

namespace Platform.CoreApi.Caching;

internal static class CachingExtensions
{
    public static IServiceCollection AddReadCache(this IServiceCollection services)
    {
        services.AddOptions<CacheOptions>().BindConfiguration("Cache").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<CacheTelemetry>();
        services.AddSingleton<SoleInstance>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<SoleInstance>());
        services.AddHostedService(s => s.GetRequiredService<SoleInstance>());
        services.AddSingleton<RedisConnection>();
        services.AddSingleton<RedisResources>();
        services.AddHostedService(s => s.GetRequiredService<RedisConnection>());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<ResourceCache>(
            s, s.GetRequiredService<RedisConnection>().IsConfigured ? [s.GetRequiredService<RedisResources>()] : []));
        return services;
    }
}
