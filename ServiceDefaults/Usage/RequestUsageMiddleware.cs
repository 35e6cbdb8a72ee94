using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.Usage;

/// <summary>Counts a request once it is answered, whatever the answer; outside of what turns failures into answers, so that those count too.</summary>
internal sealed class RequestUsageMiddleware(RequestDelegate next, RequestUsage usage)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        finally
        {
            if (!StreamUsage.IsCounted(http))
            {
                Count(usage, http, http.Response.StatusCode);
            }
        }
    }

    internal static void Count(RequestUsage usage, HttpContext http, int status)
    {
        if (http.FindPrincipal() is { IsService: false } principal)
        {
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "*";
            usage.Add(principal.TenantId, principal.KeyId, $"{http.Request.Method} {route}", status);
        }
    }
}
