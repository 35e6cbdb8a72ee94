using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc.Hosting;
using Platform.ServiceDefaults.Health;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.RateLimiting;
using Platform.ServiceDefaults.Requests;
using Platform.ServiceDefaults.Peers;
using Platform.ServiceDefaults.Streams;
using Platform.ServiceDefaults.Telemetry;
using Platform.ServiceDefaults.Usage;

namespace Platform.ServiceDefaults.Hosting;

/// <summary>
/// What every service is made of. A service's <c>Program.cs</c> is:
/// <code>
/// var builder = PlatformHost.CreateBuilder(args, "core");
/// builder.Services.AddCoreApi();
/// var app = builder.Build();
/// app.UsePlatform();
/// app.MapCoreApi();
/// return await app.RunPlatformAsync();
/// </code>
/// </summary>
public static class PlatformHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(12);

    /// <param name="service">Name of the service in logs, traces and metrics.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, string service)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBody.MaxBytes + 1024;
        });
        builder.Services.Configure<HostOptions>(o =>
        {
            o.ShutdownTimeout = ShutdownTimeout;
            o.ServicesStartConcurrently = true;
            o.ServicesStopConcurrently = true;
        });
        builder.Services.AddSingleton(new SharedMigrations(MigrationSet.FromAssembly("defaults", typeof(PlatformHost).Assembly, "Defaults")));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<IdempotencyCleanup>();
        builder.Services.AddSingleton<RequestUsage>();
        builder.Services.AddHostedService<RequestUsageWorker>();
        builder.AddPlatformTelemetry(service);
        builder.Services.AddPlatformHealth();
        builder.Services.AddPlatformStreams();
        builder.Services.AddPlatformOpenApi();
        builder.Services.AddPlatformAuthentication();
        builder.Services.AddPlatformServiceCalls();
        builder.Services.AddPlatformRateLimiting();
        builder.AddPlatformGrpc();
        return builder;
    }

    /// <summary>The pipeline: gRPC in front, then request id, failures as problem documents, routing, access. Before the routes are mapped.</summary>
    public static WebApplication UsePlatform(this WebApplication app)
    {
        app.UsePlatformGrpc();
        app.UseRequestIds(app.Services.GetRequiredService<TimeProvider>());
        app.UseRequestTraces();
        app.UseMiddleware<RequestUsageMiddleware>();
        app.UseMiddleware<ExceptionMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.MapPlatformHealth();
        app.MapPlatformMetrics();
        app.MapPlatformStreams();
        app.MapPlatformOpenApi();
        return app;
    }

    /// <summary>Migrates, starts, and runs until the process is told to stop. The exit code is 1 when it cannot start, with one line on stderr.</summary>
    /// <param name="ready">Called once requests are accepted.</param>
    public static async Task<int> RunPlatformAsync(this WebApplication app, Func<Task>? ready = null, CancellationToken cancellationToken = default)
    {
        await using (app)
        {
            try
            {
                await app.StartPlatformAsync(cancellationToken);
            }
            catch (Exception e) when (Explain(e) is { } line)
            {
                await Console.Error.WriteLineAsync(line);
                await StopWhatStartedAsync(app);
                return 1;
            }

            if (ready is not null)
            {
                await ready();
            }

            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
    }

    /// <summary>Migrates and starts; for those who stop it themselves.</summary>
    public static async Task StartPlatformAsync(this WebApplication app, CancellationToken cancellationToken = default)
    {
        RefuseUndeclaredAccess(app);
        await app.Services.GetRequiredService<DatabaseStartup>().RunAsync(cancellationToken);
        foreach (var task in app.Services.GetServices<IStartupTask>())
        {
            await task.RunAsync(cancellationToken);
        }

        await app.StartAsync(cancellationToken);
    }

    /// <summary>One line for what an operator can mend; null for a bug.</summary>
    public static string? Explain(Exception e) => e switch
    {
        DatabaseUnavailableException or ConnectionStringMissingException or MigrationException or StartupException or StreamConfigurationException => e.Message,
        AggregateException several => several.Flatten().InnerExceptions.Select(Explain).FirstOrDefault(line => line is not null),
        IOException { InnerException: AddressInUseException } => e.Message,
        AddressInUseException or SocketException => e.Message,
        IOException io when io.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase) => io.Message,
        _ => null,
    };

    /// <summary>A start that failed leaves those running that had started: they end before what they use is disposed of.</summary>
    private static async Task StopWhatStartedAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (Exception)
        {
            // Why it did not start has been said; a worker that cannot end any better changes nothing about it.
        }
    }

    private static void RefuseUndeclaredAccess(WebApplication app)
    {
        foreach (var endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(d => d.Endpoints))
        {
            if (endpoint.Metadata.GetMetadata<EndpointAccess>() is null)
            {
                throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' does not say who may call it.");
            }
        }
    }
}
