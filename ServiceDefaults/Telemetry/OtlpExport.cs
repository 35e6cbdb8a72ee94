using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>
/// Traces and metrics over OTLP. Everything that OpenTelemetry's variables can say (endpoint, protocol, headers, sampler, intervals) is
/// taken from the configuration, hence from the environment. What is left is sent when the host is disposed, after all else has stopped.
/// </summary>
internal sealed class OtlpExport : IHostedService, IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>A collector that is away must not keep the process from ending in time.</summary>
    private const int FlushMilliseconds = 2000;
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <summary>Listens from here on: hosted services are all made before the first one starts. Without an endpoint there is nothing here at all.</summary>
    public OtlpExport(IConfiguration configuration, ServiceName service)
    {
        if (string.IsNullOrEmpty(configuration[Endpoint]))
        {
            return;
        }

        void UseConfiguration(IServiceCollection services) => services.AddSingleton(configuration);

        void Describe(ResourceBuilder resource) => resource.AddService(
            service.Value, serviceNamespace: "platform", autoGenerateServiceInstanceId: false, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}");

        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(UseConfiguration)
            .ConfigureResource(Describe)
            .AddSource([.. TelemetrySources.Traces, TelemetrySources.Own + "*"])
            .AddProcessor(new WithoutPolls())
            .AddOtlpExporter()
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(UseConfiguration)
            .ConfigureResource(Describe)
            .AddMeter([.. TelemetrySources.Meters, TelemetrySources.Own + "*"])
            .AddOtlpExporter()
            .Build();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        Parallel.Invoke(() => _traces?.Shutdown(FlushMilliseconds), () => _metrics?.Shutdown(FlushMilliseconds));
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    /// <summary>Workers ask the database several times a second whether there is work. Such statements, which belong to no trace, are not sent.</summary>
    private sealed class WithoutPolls : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.Source.Name == TelemetrySources.DatabaseSource && data.ParentSpanId == default)
            {
                data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            }
        }
    }
}
