using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Auth.ApiKeys;
using Platform.Auth.FirstKey;
using Platform.Auth.Organizations;
using Platform.Eventing;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Auth;

/// <summary>Organizations and their API keys.</summary>
public static class AuthService
{
    public static IServiceCollection AddAuth(this IServiceCollection services)
    {
        services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        services.AddEventing<AuthDatabase>();
        services.AddSingleton<FirstKeyFile>();
        services.TryAddSingleton<IFirstKeyAnnouncer, PrintFirstKey>();
        services.AddSingleton<IStartupTask, CreateFirstKey>();
        services.AddHostedService<RepublishApiKeys>();
        return services;
    }

    public static void MapAuth(this WebApplication app)
    {
        app.MapApiKeys();
        app.MapOrganizations();
    }
}
