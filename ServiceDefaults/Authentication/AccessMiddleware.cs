using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.RateLimiting;
using Platform.ServiceDefaults.Peers;

namespace Platform.ServiceDefaults.Authentication;

/// <summary>Authentication, then the rate limit, then the scope that the endpoint asks for: in this order for every route.</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next, IAuthenticator authenticator, ServiceTokenAuthenticator services, IRateLimiter limiter)
{
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>()?.Scope is { } scope ? CheckAsync(http, scope) : next(http);

    private async Task CheckAsync(HttpContext http, string scope)
    {
        WebSocketBearer.Apply(http);
        var (principal, problem) = await (ServiceTokenAuthenticator.IsFor(http) ? services : authenticator).AuthenticateAsync(http);
        if (principal is null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            await problem!.ExecuteAsync(http);
            return;
        }

        // Known from here on, so that what is refused counts as the caller's too.
        http.SetPrincipal(principal);
        if (!principal.IsService && !await IsWithinLimitAsync(http, principal))
        {
            return;
        }

        if (!principal.May(scope))
        {
            await KnownProblems.Forbidden(scope).ExecuteAsync(http);
            return;
        }

        await next(http);
    }

    /// <summary>False once it has answered that it is not.</summary>
    private async ValueTask<bool> IsWithinLimitAsync(HttpContext http, Principal principal)
    {
        var decision = await limiter.DecideAsync(principal, http.RequestAborted);
        http.Response.Headers["RateLimit-Policy"] = decision.Policy.Header;
        http.Response.Headers["RateLimit"] = decision.Header;
        if (!decision.Allowed)
        {
            await KnownProblems.RateLimited(decision.RetryAfterSeconds).ExecuteAsync(http);
        }

        return decision.Allowed;
    }
}
