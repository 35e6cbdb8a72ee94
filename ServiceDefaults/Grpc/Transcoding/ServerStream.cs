using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;
using GrpcDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>The answer of a streaming call, as the endpoint sees it that serves it.</summary>
public interface IServerStream
{
    /// <summary>Tells the caller that the call is served, before there is anything to send. From here on a failure comes in the trailers.</summary>
    Task StartAsync();

    /// <summary>
    /// Sends a message. Comes back when the peer's window has room: one that does not read holds its stream up here, and ends as cancelled or
    /// by the endpoint's own patience.
    /// </summary>
    ValueTask WriteAsync(IMessage message);

    /// <summary>Ends the call of a peer that does not read, who gets RESOURCE_EXHAUSTED; what waits to be sent is dropped.</summary>
    void Cut();
}

internal sealed class ServerStream(GrpcCall call, Action passMetadata) : IServerStream
{
    /// <summary>HTTP/2's ENHANCE_YOUR_CALM, which clients of gRPC read as RESOURCE_EXHAUSTED.</summary>
    private const int EnhanceYourCalm = 0xb;

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

    public void Cut() => call.Http.Features.Get<IHttpResetFeature>()?.Reset(EnhanceYourCalm);

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
    /// The endpoint of a streaming method, whose request message comes as a JSON body: say <c>RequireScope</c>. What the handler returns is the call's end: <c>Results.Ok()</c> or a
    /// <see cref="Problem"/>. Asked for otherwise than by gRPC, it is not there.
    /// </summary>
    public static IEndpointConventionBuilder MapServerStream(
        this IEndpointRouteBuilder app, GrpcDescriptor service, string method, Func<HttpContext, IServerStream, Task<IResult>> handler)
    {
        var path = RpcService.PathOf(service.FindMethodByName(method) ?? throw new ArgumentException($"{service.FullName} has no method '{method}'.", nameof(method)));
        return app.MapPost(path, async (HttpContext http, CancellationToken _) =>
            http.Features.Get<IServerStream>() is { } stream ? await handler(http, stream) : KnownProblems.RouteNotFound()).Undescribed("gRPC alone: src/Contracts/Protos.");
    }
}
