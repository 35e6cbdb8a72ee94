using Microsoft.Extensions.DependencyInjection;

namespace Platform.ServiceDefaults.Authentication;

public static class AuthenticationExtensions
{
    public static IServiceCollection AddPlatformAuthentication(this IServiceCollection services) => services;
}
