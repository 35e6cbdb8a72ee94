using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Feed.WebSockets;

/// <summary>What a client says: <c>subscribe</c>, <c>resume</c>, <c>unsubscribe</c> or <c>ping</c>.</summary>
/// <param name="Id">The subscription, by the client's name for it; of a ping, what the pong repeats.</param>
/// <param name="After">Last position seen; null for from now on.</param>
internal sealed record ClientFrame(string Type, string Id, EventFilter Filter, long? After)
{
    public const string Subscribe = "subscribe";
    public const string Resume = "resume";
    public const string Unsubscribe = "unsubscribe";
    public const string Ping = "ping";
    private const int MaxId = 64;

    /// <summary>Reads a frame by the rules of request bodies; everything that is wrong at once.</summary>
    /// <param name="json">UTF-8.</param>
    /// <returns>The frame or the problem; the id also with a problem, where it can be told.</returns>
    public static (ClientFrame? Frame, string? Id, Problem? Problem) Parse(ReadOnlyMemory<byte> json)
    {
        var (body, malformed) = JsonBody.Parse(json);
        if (body is null)
        {
            return (null, null, malformed);
        }

        using (body)
        {
            var fields = body.Fields;
            var type = fields.RequiredString("type", 32);
            var id = type == Ping ? fields.OptionalString("id", MaxId) ?? "" : fields.RequiredString("id", MaxId);
            var filter = EventFilter.All;
            long? after = null;
            switch (type)
            {
                case Subscribe:
                    filter = FilterInput.FromFrame(fields);
                    after = FilterInput.After(fields);
                    break;
                case Resume:
                    after = FilterInput.After(fields);
                    if (after is null && !fields.Has("after"))
                    {
                        fields.Fault("after", "required", "'after' is required.");
                    }

                    break;
                case Unsubscribe or Ping or "":
                    break;
                default:
                    fields.Fault("type", "invalid_value", $"'type' is {Subscribe}, {Resume}, {Unsubscribe} or {Ping}.");
                    break;
            }

            var problem = fields.Problem;
            var name = id.Length > 0 ? id : null;
            return problem is null ? (new(type, id, filter, after), name, null) : (null, name, problem);
        }
    }
}
