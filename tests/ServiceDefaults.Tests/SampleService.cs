using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests;

/// <summary>A service that owns nothing but what every service has.</summary>
internal static class SampleService
{
    public static Task<TestService> StartAsync(
        Action<WebApplication> map, Action<IServiceCollection>? add = null, TestDatabase? database = null,
        IEnumerable<(string, string)>? settings = null, bool realAuthentication = false) =>
        TestService.StartAsync(
            "sample",
            services =>
            {
                services.AddEventing<SampleDatabase>();
                add?.Invoke(services);
            },
            map, database, settings, realAuthentication);
}

internal sealed class SampleDatabase(DataSources sources) : ServiceDatabase("sample", new MigrationSet("sample", []), sources);
