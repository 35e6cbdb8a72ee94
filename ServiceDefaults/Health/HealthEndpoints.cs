using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Health;

/// <summary><c>/health/live</c>: the process lives. <c>/health/ready</c>: requests will succeed.</summary>
public static class HealthEndpoints
{
    private static readonly JsonAnswer Live = JsonAnswer.Ok("""{"status":"live"}"""u8.ToArray());
    private static readonly JsonAnswer Ready = JsonAnswer.Ok("""{"status":"ready"}"""u8.ToArray());

    public static IServiceCollection AddPlatformHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();

    internal static void MapPlatformHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Live).AllowEverybody();
        app.MapGet("/health/ready", ReadyAsync).AllowEverybody();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken cancellationToken)
    {
        var failures = await readiness.WhyNotAsync().WaitAsync(cancellationToken);
        return failures.Count == 0
            ? Ready
            : new JsonAnswer(StatusCodes.Status503ServiceUnavailable, JsonSerializer.SerializeToUtf8Bytes(new { status = "not_ready", failures }));
    }
}
