using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Grpc;

/// <summary>What watching events and watching resources share.</summary>
internal static class WatchInput
{
    /// <summary><c>after</c>: a position; null when it is not there.</summary>
    public static long? After(JsonFields fields)
    {
        var value = fields.OptionalValue("after");
        if (value.ValueKind == System.Text.Json.JsonValueKind.Undefined)
        {
            return null;
        }

        if (value.TryGetInt64(out var position) && position >= 0)
        {
            return position;
        }

        fields.Fault("after", "out_of_range", "'after' must be a position: a whole number from 0.");
        return null;
    }

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
