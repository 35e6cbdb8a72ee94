using System.Diagnostics;
using Platform.Analytics;
using Platform.Auth;
using Platform.CoreApi;
using Platform.Embedded;
using Platform.Notifications;
using Platform.Processing;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Grpc.Hosting;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Peers;

namespace Platform.Standalone;

/// <summary>All five services in one process on one port (and another for gRPC), on a PostgreSQL of their own.</summary>
public static class StandaloneHost
{
    /// <summary>Runs until it is told to stop. Returns the exit code: 0, or 1 after one line on stderr.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var settings = StandaloneSettings.FromEnvironment();
            settings.RefuseTakenPorts();
            await using var postgres = settings.Database is null ? await StartPostgresAsync(settings) : null;
            var app = Build(args, settings, settings.Database ?? postgres!.ConnectionString);
            return await app.RunPlatformAsync(() => Welcome.PrintAsync(
                settings, app.Services.GetRequiredService<GrpcEndpoint>(), Stopwatch.GetElapsedTime(started), app.Lifetime.ApplicationStopping));
        }
        catch (Exception e) when (e is StandaloneException or EmbeddedPostgresException || PlatformHost.Explain(e) is not null)
        {
            await Console.Error.WriteLineAsync("platform: " + e.Message);
            return 1;
        }
    }

    private static Task<EmbeddedPostgres> StartPostgresAsync(StandaloneSettings settings) =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = settings.DataDirectory, Announce = Console.WriteLine }, CancellationToken.None);

    private static WebApplication Build(string[] args, StandaloneSettings settings, string database)
    {
        var builder = PlatformHost.CreateBuilder(args, "standalone");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = database,
            ["PLATFORM_DATA"] = settings.DataDirectory,
            [GrpcOptions.PortSetting] = settings.GrpcPort.ToString(),

            // Receivers under development live on this machine. PLATFORM_OUTBOUND_ALLOW says otherwise.
            ["Outbound:AllowLoopback"] = "true",
        });

        // Lines for a person, and only those that ask for attention; what is set explicitly stays.
        builder.Configuration["PLATFORM_LOG_FORMAT"] ??= "text";
        builder.Configuration["Logging:LogLevel:Platform"] ??= "Warning";
        if (string.IsNullOrEmpty(builder.Configuration[ServiceSecret.Setting]))
        {
            builder.Configuration[ServiceSecret.Setting] = ServiceSecretFile.ReadOrCreate(settings.DataDirectory);
        }

        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls($"http://localhost:{settings.Port}");
        }

        builder.Services.AddAuth().AddCoreApi().AddProcessing().AddNotifications().AddAnalytics();
        var app = builder.Build();
        app.UsePlatform();
        app.MapAuth();
        app.MapCoreApi();
        app.MapProcessing();
        app.MapNotifications();
        app.MapAnalytics();
        app.MapGet("/", () => Results.Redirect("/docs")).AllowEverybody().Undescribed("Leads whoever opens the address in a browser to the documentation.");
        return app;
    }
}
