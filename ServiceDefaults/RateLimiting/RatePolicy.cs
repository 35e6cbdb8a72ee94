namespace Platform.ServiceDefaults.RateLimiting;

/// <summary>
/// A steady rate and how far a caller may run ahead of it: ten seconds' worth, but never less than a hundred requests, or the whole
/// minute's where that is less. So a key with 10 requests a minute may make them at once and then one every six seconds.
/// </summary>
public sealed class RatePolicy
{
    private const int Leeway = 100;
    private const long Minute = 60_000_000_000;

    public RatePolicy(int requestsPerMinute)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requestsPerMinute, 1);
        Limit = Math.Max(requestsPerMinute / 6, Math.Min(requestsPerMinute, Leeway));
        Interval = Math.Max(1, Minute / requestsPerMinute);
        WindowSeconds = (int)Math.Ceiling(60.0 * Limit / requestsPerMinute);
        Header = $"\"default\";q={Limit};w={WindowSeconds}";
    }

    /// <summary>Requests in a window (<c>q</c>), which may also come at once.</summary>
    public int Limit { get; }

    /// <summary>Length of the window (<c>w</c>).</summary>
    public int WindowSeconds { get; }

    /// <summary>Value of the header <c>RateLimit-Policy</c>.</summary>
    public string Header { get; }

    /// <summary>Nanoseconds between two requests at the steady rate.</summary>
    internal long Interval { get; }
}
