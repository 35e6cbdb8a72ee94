using System.Runtime.CompilerServices;
using Platform.Contracts.Protos.V1;
using Platform.CoreApi.Feed;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Grpc;

/// <summary><c>platform.v1.Events/Watch {types, subjects, labels, after}</c>: the feed as it grows.</summary>
internal static class WatchEvents
{
    /// <summary>An event is read into a message once, for all who watch it.</summary>
    private static readonly ConditionalWeakTable<FeedEvent, WatchEventsResponse> Messages = new();

    public static async Task<IResult> HandleAsync(HttpContext http, IServerStream stream)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        EventFilter filter;
        long? after;
        using (body)
        {
            filter = FilterInput.FromFrame(body.Fields);
            after = FilterInput.After(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }
        }

        return await new FeedToCall(http, stream, filter, after, MessageOf, position => new WatchEventsResponse { Position = position }).RunAsync();
    }

    private static WatchEventsResponse MessageOf(FeedItem item) => item.Event is { } found
        ? Messages.GetValue(found, static e => new() { Event = (Event)JsonMessages.Read(Event.Descriptor, e.Json.Span), Position = e.Position })
        : new() { Gap = WatchInput.GapOf(item.Gap!), Position = item.Position };
}
