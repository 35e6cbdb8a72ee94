using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Names the framework's request span and gives it what OpenTelemetry's HTTP conventions ask for; the framework leaves that to others.</summary>
internal static class RequestTraces
{
    public static void UseRequestTraces(this IApplicationBuilder app) =>
        app.Use((http, next) => Activity.Current is { } activity && activity.Source.HasListeners() ? DescribeAsync(http, next, activity) : next(http));

    private static async Task DescribeAsync(HttpContext http, RequestDelegate next, Activity activity)
    {
        await next(http);
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var status = http.Response.StatusCode;
        activity.DisplayName = route is null ? http.Request.Method : $"{http.Request.Method} {route}";
        activity.SetTag("http.request.method", http.Request.Method);
        activity.SetTag("http.route", route);
        activity.SetTag("url.path", http.Request.Path.Value);
        activity.SetTag("url.scheme", http.Request.Scheme);
        activity.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetTag("error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }
}
