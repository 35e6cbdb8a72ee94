using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Platform.Contracts.Protos.V1;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>Asks in short.</summary>
internal static class Ways
{
    public const string Order = """{"type":"order","data":{"n":1}}""";

    public static RestAsk Get(string path) => new("GET", path, null, []);

    /// <summary>As <see cref="Get"/>, of a list or a stream whose query is at fault.</summary>
    public static RestAsk Query(string path) => Get(path) with { IsQuery = true };

    public static RestAsk Rest(string method, string path, string? body, params (string Name, string Value)[] headers) => new(method, path, body, headers);

    public static RestAsk Create(string body, params (string Name, string Value)[] headers) => Rest("POST", "/v1/resources", body, headers);

    public static GrpcAsk Call(string method, IMessage message, params (string Name, string Value)[] metadata) => new(method, _ => message, metadata);

    public static GrpcAsk Call(string method, Func<World, IMessage> message, params (string Name, string Value)[] metadata) => new(method, message, metadata);

    public static GrpcAsk Create(CreateResourceRequest message, params (string Name, string Value)[] metadata) => Call("Resources/Create", message, metadata);

    public static GrpcAsk List(ListResourcesRequest message) => Call("Resources/List", message) with { IsQuery = true };

    public static GrpcAsk List(ListEventsRequest message) => Call("Events/List", message) with { IsQuery = true };

    public static SocketAsk Frames(params string[] frames) => new(frames);

    /// <summary>A subscription with these further fields.</summary>
    public static SocketAsk Subscribe(string fields) => Frames($$"""{"type":"subscribe","id":"s",{{fields}}}""");

    public static CreateResourceRequest OrderMessage => new() { Type = "order", Data = Data("n", Value.ForNumber(1)) };

    public static Struct Data(string name, Value value) => new() { Fields = { [name] = value } };

    /// <summary>Entries <c>prefix0</c>, <c>prefix1</c>, ... as many as wanted.</summary>
    public static IEnumerable<string> Names(int count, string prefix = "n") => Enumerable.Range(0, count).Select(i => prefix + i);

    public static string Quoted(IEnumerable<string> texts) => string.Join(',', texts.Select(t => $"\"{t}\""));

    /// <summary>So many labels, as JSON.</summary>
    public static string Labels(int count) => "{" + string.Join(',', Names(count).Select(n => $"\"{n}\":\"\"")) + "}";

    /// <summary>The same field again and again in a query.</summary>
    public static string Repeated(string name, IEnumerable<string> values) => string.Join('&', values.Select(v => $"{name}={Uri.EscapeDataString(v)}"));
}
