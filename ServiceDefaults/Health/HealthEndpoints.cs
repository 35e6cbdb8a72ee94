using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.Health;

/// <summary>One condition of readiness.</summary>
public interface IReadinessCheck
{
    string Name { get; }

    /// <summary>Null when requests will succeed as far as this is concerned, else the reason why not.</summary>
    Task<string?> WhyNotAsync(CancellationToken cancellationToken);
}

/// <summary><c>/health/live</c>: the process lives. <c>/health/ready</c>: requests will succeed.</summary>
public static class HealthEndpoints
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static IServiceCollection AddPlatformHealth(this IServiceCollection services) => services;

    internal static void MapPlatformHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" })).AllowEverybody();
        app.MapGet("/health/ready", (Delegate)ReadyAsync).AllowEverybody();
    }

    private static async Task<IResult> ReadyAsync(HttpContext http)
    {
        if (http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            return Answer(new() { ["host"] = "stopping" });
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        timeout.CancelAfter(Timeout);
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var database in http.RequestServices.GetServices<ServiceDatabase>().DistinctBy(d => d.System))
        {
            try
            {
                await using var command = database.System.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(timeout.Token);
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
            {
                failures["database:" + database.Schema] = "unreachable";
            }
        }

        foreach (var check in http.RequestServices.GetServices<IReadinessCheck>())
        {
            if (await check.WhyNotAsync(timeout.Token) is { } reason)
            {
                failures[check.Name] = reason;
            }
        }

        return Answer(failures);
    }

    private static IResult Answer(Dictionary<string, string> failures) => failures.Count == 0
        ? Results.Json(new { status = "ready" })
        : Results.Json(new { status = "not_ready", failures }, statusCode: StatusCodes.Status503ServiceUnavailable);
}
