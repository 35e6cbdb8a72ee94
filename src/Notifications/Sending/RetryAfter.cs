using System.Net;
using System.Net.Http.Headers;

namespace Platform.Notifications.Sending;

/// <summary><c>Retry-After</c> of a 429 or 503, in seconds or as a date, within 1 s and 1 day.</summary>
internal static class RetryAfter
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Null where there is none, where it cannot be read, or with another status.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
        {
            return null;
        }

        return response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => Clamp(delta),
            { Date: { } date } => Clamp(date - now),
            _ => null,
        };
    }

    private static TimeSpan Clamp(TimeSpan wanted) => wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
}
