using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.ServiceDefaults.Usage;

/// <summary>
/// For answers that last as long as the client listens: such a request counts as one when it is let in, not when it ends, and does not appear among the
/// durations of requests.
/// </summary>
public static class StreamUsage
{
    private static readonly object Key = new();

    /// <summary>Call when nothing can refuse the request any more.</summary>
    /// <param name="status">What it is answered with.</param>
    public static void CountNow(HttpContext http, int status)
    {
        if (http.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        if (http.Items.TryAdd(Key, Key))
        {
            RequestUsageMiddleware.Count(http.RequestServices.GetRequiredService<RequestUsage>(), http, status);
        }
    }

    internal static bool IsCounted(HttpContext http) => http.Items.ContainsKey(Key);
}
