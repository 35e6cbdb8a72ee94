using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Processing;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Faults.Host.Jobs;

/// <summary>Processing as a service of its own, reduced to its worker: relay and consumers are the observer's.</summary>
internal static class WorkerHost
{
    public static async Task<int> RunAsync(string instance)
    {
        var builder = PlatformHost.CreateBuilder([], "processing");
        builder.Configuration["Eventing:Instance"] = instance;
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Configuration["PLATFORM_GRPC_PORT"] = "0";
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Platform.Eventing.WorkQueues", LogLevel.Information);
        builder.Services.AddProcessing();
        builder.Services.AddLedgerJobs();
        foreach (var other in builder.Services.Where(IsOfTheEventPath).ToArray())
        {
            builder.Services.Remove(other);
        }

        var app = builder.Build();
        app.UsePlatform();
        app.MapProcessing();
        return await app.RunPlatformAsync(() => Console.Out.WriteLineAsync("ready"));
    }

    private static bool IsOfTheEventPath(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.Method.DeclaringType?.FullName is { } from
        && (from.Contains("EventingExtensions", StringComparison.Ordinal) || from.Contains("EventingBuilder", StringComparison.Ordinal));
}
