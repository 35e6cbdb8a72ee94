using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.ServiceDefaults.Tests.Telemetry;

/// <summary>What came over OTLP.</summary>
/// <param name="TraceId">Hexadecimal.</param>
/// <param name="Name">Name of the span.</param>
/// <param name="Links">Trace ids that the span links to.</param>
internal sealed record Span(string TraceId, string Name, IReadOnlyList<string> Links, string Scope, bool IsRoot, string Resource);

/// <summary>The receiving end of OTLP over HTTP in protobuf, as far as the tests look at it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Span> Spans { get; } = new();
    public ConcurrentDictionary<string, bool> Metrics { get; } = new(StringComparer.Ordinal);
    public string Address => _app.Urls.First();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", (HttpContext http) => ReceiveAsync(http, receiver.ReadTraces));
        app.MapPost("/v1/metrics", (HttpContext http) => ReceiveAsync(http, receiver.ReadMetrics));
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task ReceiveAsync(HttpContext http, Action<byte[]> read)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        read(body.ToArray());
        http.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>ExportTraceServiceRequest: resource_spans 1 { resource 1, scope_spans 2 { scope 1 { name 1 }, spans 2 { trace_id 1, parent_span_id 4, name 5, links 13 { trace_id 1 } } } }.</summary>
    private void ReadTraces(byte[] body)
    {
        foreach (var resourceSpans in Fields(body, 1))
        {
            var resource = Encoding.UTF8.GetString(Fields(resourceSpans, 1).First());
            foreach (var scopeSpans in Fields(resourceSpans, 2))
            {
                var scope = Encoding.UTF8.GetString(Fields(Fields(scopeSpans, 1).First(), 1).First());
                foreach (var span in Fields(scopeSpans, 2))
                {
                    Spans.Enqueue(new(
                        Convert.ToHexStringLower(Fields(span, 1).First()), Encoding.UTF8.GetString(Fields(span, 5).First()),
                        [.. Fields(span, 13).Select(l => Convert.ToHexStringLower(Fields(l, 1).First()))],
                        scope, !Fields(span, 4).Any(p => p.Length > 0), resource));
                }
            }
        }
    }

    /// <summary>ExportMetricsServiceRequest: resource_metrics 1 { scope_metrics 2 { metrics 2 { name 1 } } }.</summary>
    private void ReadMetrics(byte[] body)
    {
        foreach (var metric in Fields(body, 1).SelectMany(r => Fields(r, 2)).SelectMany(s => Fields(s, 2)))
        {
            Metrics[Encoding.UTF8.GetString(Fields(metric, 1).First())] = true;
        }
    }

    /// <summary>The length-delimited fields of a protobuf message with this number.</summary>
    private static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += sizeof(ulong);
                    break;
                case 5:
                    at += sizeof(uint);
                    break;
                default:
                    var length = (int)Varint(message, ref at);
                    if ((int)(key >> 3) == number)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = message[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
