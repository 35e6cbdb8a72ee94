using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>Serves one call. <paramref name="pipeline"/> is what every request of REST goes through.</summary>
internal delegate Task<GrpcStatus> RpcHandler(GrpcCall call, RequestDelegate pipeline);

/// <summary>A method of gRPC and how it is served.</summary>
internal sealed record Rpc(string Path, RpcHandler InvokeAsync);

/// <summary>
/// A service of gRPC as a table: the route of REST that each method is. From the request message,
/// <list type="bullet">
/// <item>fields that the path names in braces go into the path;</item>
/// <item><c>if_version</c> becomes <c>If-Match</c>;</item>
/// <item>the others become the query of <c>GET</c> and <c>DELETE</c> (<c>fields</c> joined by commas, <c>types</c> as <c>type=a&amp;type=b</c>,
/// <c>labels</c> as <c>label=name:value</c>), or
/// the JSON body (with a null for each name in <c>clear</c>).</item>
/// </list>
/// What is not set is left out, so that the rules for what is missing are those of REST.
/// </summary>
public sealed class RpcService(ServiceDescriptor descriptor)
{
    private readonly List<Rpc> _methods = [];

    /// <summary>Full name, such as <c>platform.v1.Resources</c>.</summary>
    public string Name => descriptor.FullName;

    internal ServiceDescriptor Descriptor => descriptor;
    internal IReadOnlyList<Rpc> Methods => _methods;

    /// <summary>A method with one request and one answer.</summary>
    /// <param name="name">As in the service's definition.</param>
    /// <param name="verb">HTTP method.</param>
    /// <param name="path">Such as <c>/v1/resources/{id}</c>.</param>
    public RpcService Map(string name, string verb, string path)
    {
        var method = Find(name, isStream: false);
        var route = new RouteRequest(method.InputType, verb, path);
        var answer = MessageShape.Of(method.OutputType);
        return Add(method, (call, pipeline) => Transcoder.UnaryAsync(call, method.InputType.Parser, route, answer, pipeline));
    }

    /// <summary>
    /// A method whose answer is a stream. It is served by the endpoint at the method's own path, which <c>MapServerStream</c> made, so that it goes
    /// through the same pipeline.
    /// </summary>
    public RpcService MapStream(string name)
    {
        var method = Find(name, isStream: true);
        var route = new RouteRequest(method.InputType, HttpMethods.Post, PathOf(method));
        return Add(method, (call, pipeline) => Transcoder.StreamAsync(call, method.InputType.Parser, route, pipeline));
    }

    /// <summary>A method that needs no route: the standard services.</summary>
    internal RpcService Serve(string name, Func<GrpcCall, MessageParser, Task<GrpcStatus>> handler)
    {
        var method = descriptor.FindMethodByName(name);
        return Add(method, (call, _) => handler(call, method.InputType.Parser));
    }

    /// <summary><c>/platform.v1.Resources/Create</c></summary>
    internal static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    private RpcService Add(MethodDescriptor method, RpcHandler handler)
    {
        _methods.Add(new(PathOf(method), handler));
        return this;
    }

    private MethodDescriptor Find(string name, bool isStream) =>
        descriptor.FindMethodByName(name) is { IsClientStreaming: false } method && method.IsServerStreaming == isStream
            ? method
            : throw new ArgumentException($"{descriptor.FullName} has no such method '{name}'.", nameof(name));
}
