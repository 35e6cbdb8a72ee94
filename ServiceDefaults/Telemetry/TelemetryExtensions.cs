using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Telemetry.Logs;
using Platform.ServiceDefaults.Telemetry.Metrics;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Name of the service in logs, traces and metrics.</summary>
internal sealed record ServiceName(string Value);

/// <summary>Logs, traces and metrics of every service.</summary>
public static class TelemetryExtensions
{
    /// <summary><c>json</c> (one object a line) or <c>text</c> (short lines for people).</summary>
    public const string LogFormat = "PLATFORM_LOG_FORMAT";

    /// <summary>
    /// Logs on standard output, <c>/metrics</c>, and OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Levels are set as usual
    /// (<c>Logging__LogLevel__Microsoft=Information</c>).
    /// </summary>
    public static WebApplicationBuilder AddPlatformTelemetry(this WebApplicationBuilder builder, string service)
    {
        builder.Services.AddSingleton(new ServiceName(service));
        builder.AddLogs();
        builder.Services.AddSingleton<MetricsListener>();
        builder.Services.AddHostedService<OtlpExport>();
        return builder;
    }

    /// <summary><c>GET /metrics</c> in Prometheus' text format, to everybody who reaches the port: it holds numbers and no tenant's data.</summary>
    internal static void MapPlatformMetrics(this WebApplication app)
    {
        // Made here rather than at the first scrape: it counts from now on.
        var metrics = app.Services.GetRequiredService<MetricsListener>();
        app.MapGet("/metrics", (HttpContext http, CancellationToken cancellationToken) =>
        {
            var text = metrics.Scrape();
            http.Response.ContentType = PrometheusText.ContentType;
            http.Response.ContentLength = text.Length;
            return http.Response.Body.WriteAsync(text, cancellationToken).AsTask();
        }).AllowEverybody().Describe(() => PlatformDescriptions.Metrics);
    }

    private static void AddLogs(this WebApplicationBuilder builder)
    {
        // As configuration, and as its weakest source, so that any other source overrides it.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [new("Logging:LogLevel:Microsoft", "Warning"), new("Logging:LogLevel:System", "Warning")],
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole();
        builder.Logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        builder.Logging.AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>();
        builder.Services.AddOptions<ConsoleLoggerOptions>().Configure<IConfiguration>((options, configuration) =>
            options.FormatterName = configuration[LogFormat] == "text" ? TextLogFormatter.FormatterName : JsonLogFormatter.FormatterName);
    }
}
