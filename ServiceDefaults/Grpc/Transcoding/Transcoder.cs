using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Platform.ServiceDefaults.Grpc.Wire;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>Runs a call as a request of REST, through the whole pipeline, and its answer back into a message or a status.</summary>
internal static class Transcoder
{
    public static async Task<GrpcStatus> UnaryAsync(GrpcCall call, MessageParser parser, RouteRequest route, MessageShape answerShape, RequestDelegate pipeline)
    {
        var message = await call.ReadOnlyMessageAsync(parser);
        using var body = new PooledBuffer();
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var request = new RequestFeatures(call, aborted);
        route.Write(message, request, body);
        request.Content = body.Written;
        return await RunAsync(call, request, route, stream: null, answer => call.Write(JsonProto.Read(answerShape, answer.Content.Span)), pipeline);
    }

    public static async Task<GrpcStatus> StreamAsync(GrpcCall call, MessageParser parser, RouteRequest route, RequestDelegate pipeline)
    {
        var message = await call.ReadOnlyMessageAsync(parser);
        using var body = new PooledBuffer();
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var request = new RequestFeatures(call, aborted);
        route.Write(message, request, body);
        request.Content = body.Written;
        return await RunAsync(call, request, route, answer => new ServerStream(call, () => Metadata.Pass(answer.Headers, call.Http.Response)), _ => { }, pipeline);
    }

    private static async Task<GrpcStatus> RunAsync(
        GrpcCall call, RequestFeatures request, RouteRequest route, Func<AnswerFeatures, ServerStream>? stream, Action<AnswerFeatures> succeed, RequestDelegate pipeline)
    {
        using var answer = new AnswerFeatures(call.MaxAnswerBytes);
        var inner = ContextOf(call, request, answer);
        if (stream is not null)
        {
            inner.Features.Set<IServerStream>(stream(answer));
        }

        await pipeline(inner);
        if (call.IsLate)
        {
            // Whatever it did stays done; the same Idempotency-Key finds its answer.
            return GrpcStatus.TooLate;
        }

        await answer.CompleteAsync();
        if (!call.Http.Response.HasStarted)
        {
            Metadata.Pass(answer.Headers, call.Http.Response);
        }

        var status = ProblemStatus.Of(answer.StatusCode, answer.Headers, answer.Content, route.FieldOf);
        if (status.Code == GrpcCode.Ok)
        {
            succeed(answer);
        }

        await answer.ReleaseAsync();
        return status;
    }

    private static DefaultHttpContext ContextOf(GrpcCall call, RequestFeatures request, AnswerFeatures answer)
    {
        var features = new FeatureCollection(initialCapacity: 16);
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpRequestLifetimeFeature>(request);
        features.Set<IRequestBodyPipeFeature>(request);
        features.Set<IServiceProvidersFeature>(request);
        features.Set<IHttpResponseFeature>(answer);
        features.Set<IHttpResponseBodyFeature>(answer);
        features.Set(call.Http.Features.Get<IHttpConnectionFeature>());
        features.Set(call.Http.Features.Get<IHttpMetricsTagsFeature>());
        return new DefaultHttpContext(features);
    }
}
