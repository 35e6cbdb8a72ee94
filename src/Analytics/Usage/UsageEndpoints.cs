using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Analytics.Usage;

internal static class UsageEndpoints
{
    public static void MapUsage(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/analytics/usage", GetUsage.HandleAsync).RequireScope(Scopes.AnalyticsRead).Describe(() => UsageDescriptions.Get);
}
