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
/// <c>/health/live</c>: the process lives. <c>/health/ready</c>: requests will succeed; <c>degraded</c> when what follows from them is
/// late, or when something is away that only some of them need. That is 200: taking an instance out of service would make nothing faster.
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

    private static async Task<IResult> ReadyAsync(
        Readiness readiness, StreamHealth streams, IEnumerable<IDegradedCheck> checks, CancellationToken cancellationToken)
    {
        var failures = await readiness.WhyNotAsync().WaitAsync(cancellationToken);
        if (failures.Count > 0)
        {
            return new JsonAnswer(StatusCodes.Status503ServiceUnavailable, JsonSerializer.SerializeToUtf8Bytes(new { status = "not_ready", failures }));
        }

        var reasons = new Dictionary<string, string>(streams.Reasons, StringComparer.Ordinal);
        foreach (var check in checks)
        {
            if (check.Reason is { } reason)
            {
                reasons[check.Name] = reason;
            }
        }

        return reasons.Count > 0 ? JsonAnswer.Ok(JsonSerializer.SerializeToUtf8Bytes(new { status = "degraded", reasons })) : Ready;
    }
}
