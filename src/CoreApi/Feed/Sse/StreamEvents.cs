using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Usage;

namespace Platform.CoreApi.Feed.Sse;

/// <summary>
/// <c>GET /v1/events/stream?type=&amp;subject=&amp;label=k:v&amp;after=</c>: server-sent events. <c>Last-Event-ID</c> resumes, and wins over <c>after</c>, with which
/// the address was first opened; without either it begins with what comes now.
/// </summary>
internal static class StreamEvents
{
    public const string Transport = "sse";

    public static async Task<IResult> HandleAsync(HttpContext http, IEventFeed feed, FeedOptions options, TimeProvider clock)
    {
        var errors = new List<InputError>();
        var filter = FilterInput.FromQuery(http, errors);
        var after = FilterInput.After(http, errors);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        // Of a client that has held a token there is somebody who waits for what follows: an error would only be tried again, with the same token.
        var token = http.Request.Headers["Last-Event-ID"].ToString();
        var isTokenKnown = FilterInput.TryPosition(token, out var position);
        var isLost = token.Length > 0 && !isTokenKnown;
        after = token.Length == 0 ? after : isTokenKnown ? position : null;

        var (connection, refused) = feed.Open(http, Transport);
        if (connection is null)
        {
            return refused!;
        }

        using (connection)
        {
            var (subscription, invalid) = await connection.SubscribeAsync(filter, after, connection.Ending);
            if (subscription is null && isTokenKnown)
            {
                isLost = true;
                (subscription, invalid) = await connection.SubscribeAsync(filter, after: null, connection.Ending);
            }

            if (subscription is null)
            {
                return invalid!;
            }

            // A stream that lasts for hours is no slow request, and what is read for it belongs to no request's trace.
            StreamUsage.CountNow(http, StatusCodes.Status200OK);
            Activity.Current = null;
            Prepare(http);
            var stream = new EventStream(http, connection, subscription, options, clock);
            await stream.RunAsync(isLost);
        }

        return Results.Empty;
    }

    private static void Prepare(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();

        // Who reads too slowly is judged by the feed, which knows heartbeats from stand-stills.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
