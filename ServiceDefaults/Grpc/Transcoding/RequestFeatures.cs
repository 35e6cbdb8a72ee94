using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>The request side of an inner context. What it has not of its own it has from the call: services, connection, some metadata.</summary>
internal sealed class RequestFeatures : IHttpRequestFeature, IHttpRequestLifetimeFeature, IRequestBodyPipeFeature, IServiceProvidersFeature
{
    /// <summary>What the rules of REST read, besides what the message says.</summary>
    private static readonly string[] Passed =
        ["Authorization", "Idempotency-Key", "X-Request-Id", "traceparent", "tracestate", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

    private readonly CancellationTokenSource _aborted;
    private PipeReader? _reader;

    public RequestFeatures(GrpcCall call, CancellationTokenSource aborted)
    {
        _aborted = aborted;
        RequestAborted = aborted.Token;
        RequestServices = call.Http.RequestServices;
        Scheme = call.Http.Request.Scheme;
        Protocol = call.Http.Request.Protocol;
        Headers.Host = call.Http.Request.Headers.Host;
        foreach (var name in Passed)
        {
            if (call.Http.Request.Headers.TryGetValue(name, out var value))
            {
                Headers[name] = value;
            }
        }
    }

    public string Protocol { get; set; }
    public string Scheme { get; set; }
    public string Method { get; set; } = HttpMethods.Post;
    public string PathBase { get; set; } = "";
    public string Path { get; set; } = "/";
    public string QueryString { get; set; } = "";
    public string RawTarget { get; set; } = "";
    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();
    public Stream Body { get; set; } = Stream.Null;
    public CancellationToken RequestAborted { get; set; }
    public IServiceProvider RequestServices { get; set; }

    /// <summary>The request's body; set before the request runs.</summary>
    public ReadOnlyMemory<byte> Content
    {
        set
        {
            _reader = PipeReader.Create(new(value));
            Body = _reader.AsStream();
        }
    }

    public PipeReader Reader => _reader ??= PipeReader.Create(Body);

    public void Abort() => _aborted.Cancel();
}
