using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.RateLimiting;

/// <summary>Decides whether a principal may make one more request now.</summary>
public interface IRateLimiter
{
    ValueTask<RateDecision> DecideAsync(Principal principal, CancellationToken cancellationToken);
}

/// <summary>A decision and what the <c>RateLimit</c> headers say.</summary>
/// <param name="Allowed">False: answer 429.</param>
/// <param name="Policy">The limit that decided.</param>
/// <param name="Remaining">Requests that are left now (<c>r</c>).</param>
/// <param name="ResetSeconds">Seconds until the whole quota is back (<c>t</c>).</param>
/// <param name="RetryAfterSeconds">Seconds until one more request is allowed; 0 when allowed.</param>
public readonly record struct RateDecision(bool Allowed, RatePolicy Policy, int Remaining, int ResetSeconds, int RetryAfterSeconds)
{
    /// <summary>Value of the header <c>RateLimit</c>.</summary>
    public string Header => string.Create(null, stackalloc char[64], $"\"default\";r={Remaining};t={ResetSeconds}");
}
