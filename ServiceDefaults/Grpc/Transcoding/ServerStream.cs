using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.ServiceDefaults.Problems;
using GrpcDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>The answer of a streaming call, as the endpoint sees it that serves it.</summary>
public interface IServerStream
{
    /// <summary>What the caller asked for; of the method's input type.</summary>
    IMessage Request { get; }

    /// <summary>Tells the caller that the call is served, before there is anything to send. From here on a failure comes in the trailers.</summary>
    Task StartAsync();

    /// <summary>
    /// Sends a message. Comes back when the peer's window has room: one that does not read holds its stream up here, and ends as cancelled or
    /// by the endpoint's own patience.
    /// </summary>
    ValueTask WriteAsync(IMessage message);
}

internal sealed class ServerStream(GrpcCall call, IMessage request, Action passMetadata) : IServerStream
{
    public IMessage Request { get; } = request;

    public Task StartAsync()
    {
        Begin();
        return call.StartAsync();
    }

    public ValueTask WriteAsync(IMessage message)
    {
        Begin();
        return call.WriteAsync(message);
    }

    private void Begin()
    {
        if (!call.Http.Response.HasStarted)
        {
            passMetadata();
        }
    }
}

/// <summary>Endpoints of streaming methods.</summary>
public static class ServerStreamEndpoints
{
    /// <summary>
    /// The endpoint of a streaming method: say <c>RequireScope</c>. What the handler returns is the call's end: <c>Results.Ok()</c> or a
    /// <see cref="Problem"/>. Asked for otherwise than by gRPC, it is not there.
    /// </summary>
    public static IEndpointConventionBuilder MapServerStream(
        this IEndpointRouteBuilder app, GrpcDescriptor service, string method, Func<HttpContext, IServerStream, Task<IResult>> handler)
    {
        var path = RpcService.PathOf(service.FindMethodByName(method) ?? throw new ArgumentException($"{service.FullName} has no method '{method}'.", nameof(method)));
        return app.MapPost(path, async (HttpContext http, CancellationToken _) =>
            http.Features.Get<IServerStream>() is { } stream ? await handler(http, stream) : KnownProblems.RouteNotFound());
    }
}
