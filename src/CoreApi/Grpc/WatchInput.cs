using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Grpc;

/// <summary>What watching events and watching resources share.</summary>
internal static class WatchInput
{
    public static Gap GapOf(FeedGap gap)
    {
        var message = new Gap { Reason = gap.Reason };
        if (gap.From is { } from)
        {
            message.From = from;
        }

        if (gap.To is { } to)
        {
            message.To = to;
        }

        return message;
    }
}
