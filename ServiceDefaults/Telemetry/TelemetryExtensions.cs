using Microsoft.AspNetCore.Builder;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Logs, traces and metrics of every service.</summary>
public static class TelemetryExtensions
{
    public static WebApplicationBuilder AddPlatformTelemetry(this WebApplicationBuilder builder, string service) => builder;

    internal static void MapPlatformMetrics(this WebApplication app)
    {
    }
}
