using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.Eventing.Status;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Health;

/// <summary>
/// <c>/health/live</c>: the process lives. <c>/health/ready</c>: requests will succeed; <c>degraded</c> when they do, but what follows from
/// them is late. That is 200: taking an instance out of service would make nothing faster.
/// </summary>
public static class HealthEndpoints
{
    private static readonly JsonAnswer Live = JsonAnswer.Ok("""{"status":"live"}"""u8.ToArray());
    private static readonly JsonAnswer Ready = JsonAnswer.Ok("""{"status":"ready"}"""u8.ToArray());

    public static IServiceCollection AddPlatformHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();

    internal static void MapPlatformHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Live).AllowEverybody().Describe(() => PlatformDescriptions.Live);
        app.MapGet("/health/ready", ReadyAsync).AllowEverybody().Describe(() => PlatformDescriptions.Ready);
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, StreamHealth streams, CancellationToken cancellationToken)
    {
        var failures = await readiness.WhyNotAsync().WaitAsync(cancellationToken);
        if (failures.Count == 0 && streams.Reasons is { Count: > 0 } reasons)
        {
            return JsonAnswer.Ok(JsonSerializer.SerializeToUtf8Bytes(new { status = "degraded", reasons }));
        }

        return failures.Count == 0
            ? Ready
            : new JsonAnswer(StatusCodes.Status503ServiceUnavailable, JsonSerializer.SerializeToUtf8Bytes(new { status = "not_ready", failures }));
    }
}
