using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.RateLimiting;

/// <summary>Decides whether a principal may make one more request now.</summary>
public interface IRateLimiter
{
    ValueTask<RateDecision> DecideAsync(Principal principal, CancellationToken cancellationToken);
}

/// <summary>A decision and what the <c>RateLimit</c> headers say.</summary>
/// <param name="Allowed">False: answer 429.</param>
/// <param name="Limit">Requests in a window (<c>q</c>).</param>
/// <param name="WindowSeconds">Length of the window (<c>w</c>).</param>
/// <param name="Remaining">Requests that are left now (<c>r</c>).</param>
/// <param name="ResetSeconds">Seconds until the whole quota is back (<c>t</c>).</param>
/// <param name="RetryAfterSeconds">Seconds until one more request is allowed; 0 when allowed.</param>
public sealed record RateDecision(bool Allowed, int Limit, int WindowSeconds, int Remaining, int ResetSeconds, int RetryAfterSeconds);
