using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Platform.Contracts.Protos.V1;
using Platform.CoreApi.Feed;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Grpc;

/// <summary><c>platform.v1.Resources/Watch {types, ids, labels, after}</c>: resources as they change.</summary>
internal static class WatchResources
{
    private static readonly ConditionalWeakTable<FeedEvent, WatchResourcesResponse> Messages = new();

    public static async Task<IResult> HandleAsync(HttpContext http, IServerStream stream)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        IReadOnlyList<string> types, ids;
        IReadOnlyDictionary<string, string> labels;
        long? after;
        using (body)
        {
            types = body.Fields.OptionalStringList("types", maxLength: 64) ?? [];
            for (var i = 0; i < types.Count; i++)
            {
                if (!ResourceInput.IsType(types[i]))
                {
                    body.Fields.Fault("types", i, "invalid_format", ResourceInput.NoType("types"));
                }
            }

            ids = body.Fields.OptionalStringList("ids", maxLength: 64) ?? [];
            labels = body.Fields.OptionalStringMap("labels");
            after = FilterInput.After(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }
        }

        var filter = new EventFilter(["resource.*"], ids, labels);
        return await new FeedToCall(http, stream, filter, after, item => MessageOf(item, types), position => new WatchResourcesResponse { Position = position }).RunAsync();
    }

    private static WatchResourcesResponse? MessageOf(FeedItem item, IReadOnlyList<string> types)
    {
        if (item.Event is not { } found)
        {
            return new() { Gap = WatchInput.GapOf(item.Gap!), Position = item.Position };
        }

        var message = Messages.GetValue(found, ChangeOf);
        return types.Count == 0 || types.Contains(message.Change.Resource.Type) ? message : null;
    }

    private static WatchResourcesResponse ChangeOf(FeedEvent found) => new()
    {
        Position = found.Position,
        Change = new()
        {
            EventId = found.PublicId,
            EventType = found.Type,
            Time = Timestamp.FromDateTimeOffset(found.Time),
            Resource = (Contracts.Protos.V1.Resource)JsonMessages.Read(Contracts.Protos.V1.Resource.Descriptor, found.Data.Span),
        },
    };
}
