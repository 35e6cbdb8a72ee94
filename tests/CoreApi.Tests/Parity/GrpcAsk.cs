using Google.Protobuf;
using Platform.Contracts.Protos.Rpc;
using Platform.Contracts.Protos.V1;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>A call of gRPC.</summary>
internal sealed record GrpcAsk(string Method, Func<World, IMessage> Message, (string Name, string Value)[] Metadata) : Ask(Transport.Grpc)
{
    /// <summary>Events of a stream that are waited for.</summary>
    public int Events { get; init; }

    private bool IsStream => Method.EndsWith("/Watch", StringComparison.Ordinal);

    public override async Task<Seen> SendAsync(World world)
    {
        using var client = new GrpcClient(world.Service.GrpcAddress);
        (string, string)[] metadata = world.Authorization is { } authorization ? [("authorization", authorization), .. Metadata] : Metadata;
        using var stream = await client.OpenAsync("/platform.v1." + Method, [GrpcClient.Frame(Message(world))], default, metadata);
        return IsStream && await stream.ReadAsync().WaitAsync(Eventually.Deadline) is not null
            ? new(ToString()) { Grpc = 0, Note = await ReadAsync(stream) }
            : Read(await stream.AllAsync());
    }

    public override string ToString() => Method;

    private Seen Read(GrpcAnswer answer)
    {
        var seen = new Seen(ToString()) { Grpc = answer.Status };
        if (answer.Status == 0)
        {
            return seen with
            {
                Location = answer.Header("location"), Replayed = answer.Header("idempotency-replayed") == "true",
                Note = Method == "Events/List" ? string.Join(' ', answer.Only(ListEventsResponse.Parser).Data.Select(Tell)) : answer.Header("etag") ?? "",
            };
        }

        var status = Status.Parser.ParseFrom(answer.Details());
        Assert.Equal((answer.Status, answer.Message), (status.Code, status.Message));
        var info = Detail(status, ErrorInfo.Parser);
        Assert.True(info is { Domain: "platform" }, $"{this}: {answer.Status} {answer.Message} without a reason");
        return seen with
        {
            Code = info.Reason, Status = int.Parse(info.Metadata["http_status"]), Retry = Detail(status, RetryInfo.Parser)?.RetryDelay.Seconds > 0,
            Faults = FaultPath.Of(Detail(status, BadRequest.Parser)?.FieldViolations.Select(v => (v.Field, v.Reason)) ?? []),
        };
    }

    private async Task<string> ReadAsync(GrpcStream stream)
    {
        var told = new List<string>();
        while (told.Count < Events)
        {
            var frame = await stream.ReadAsync().WaitAsync(Eventually.Deadline);
            Assert.True(frame is not null, $"{this} ended after {told.Count} events");
            told.Add(Method.StartsWith("Events", StringComparison.Ordinal)
                ? Tell(WatchEventsResponse.Parser.ParseFrom(frame.Value.Message))
                : Tell(WatchResourcesResponse.Parser.ParseFrom(frame.Value.Message)));
        }

        return string.Join(' ', told);
    }

    private static string Tell(WatchEventsResponse message) => message.Gap is { } gap ? Tell(gap) : Tell(message.Event);

    private static string Tell(WatchResourcesResponse message) => message.Gap is { } gap ? Tell(gap) : message.Change.EventType;

    private static string Tell(Event happened) => $"{happened.Subject}:{happened.Type}";

    private static string Tell(Gap gap) => $"{gap.From}-{gap.To}:{gap.Reason}";

    private static T? Detail<T>(Status status, MessageParser<T> parser)
        where T : class, IMessage<T>, new() =>
        status.Details.FirstOrDefault(d => d.Is(new T().Descriptor)) is { } any ? parser.ParseFrom(any.Value) : null;
}
