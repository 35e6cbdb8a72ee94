using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Authentication.Keys;
using Platform.ServiceDefaults.Health;

namespace Platform.ServiceDefaults.Authentication;

public static class AuthenticationExtensions
{
    /// <summary>
    /// API keys on every endpoint that asks for a scope. The keys come with <c>api_key.changed</c> into <c>known_key</c> of this service's
    /// schema (of one of them, where several services share the process), read by the consumer group <c>service.identity</c>: no service
    /// asks another one who is calling.
    /// </summary>
    public static IServiceCollection AddPlatformAuthentication(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(KeyDirectory)))
        {
            return services;
        }

        services.AddSingleton<KeyStore>();
        services.AddSingleton(s => new KeyDirectory(s.GetRequiredService<KeyStore>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IReadinessCheck, KeyReadiness>();
        services.TryAddSingleton<IAuthenticator, ApiKeyAuthenticator>();
        new EventingBuilder<ServiceDatabase>(services).AddConsumer<KeyProjection>(
            "identity", [Topics.Audit], [EventTypes.ApiKeyChanged],
            group => group with { Name = KeyReadiness.Group(group.Database.Schema), UseInbox = false });
        return services;
    }
}
