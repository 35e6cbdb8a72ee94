using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Platform.Testing;

/// <summary>
/// gRPC by hand: every byte of a call is the test's. What a client library would hide (frames, flags, headers, where the status came) can be
/// said and seen.
/// </summary>
public sealed class GrpcClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="token">Sent as <c>authorization: Bearer</c>; none when null.</param>
    public GrpcClient(Uri address, string? token = null)
    {
        _http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = address };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>A message in its frame.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    /// <summary>A call with one request; the whole answer.</summary>
    public Task<GrpcAnswer> CallAsync(string method, IMessage request, params (string Name, string Value)[] metadata) =>
        SendAsync(method, [Frame(request)], metadata);

    /// <summary>A call whose body is these pieces, each in DATA frames of its own; the whole answer.</summary>
    public async Task<GrpcAnswer> SendAsync(string method, IReadOnlyList<byte[]> pieces, params (string Name, string Value)[] metadata)
    {
        using var stream = await OpenAsync(method, pieces, default, metadata);
        return await stream.AllAsync();
    }

    /// <summary>A call whose answer is read step by step.</summary>
    public async Task<GrpcStream> OpenAsync(
        string method, IReadOnlyList<byte[]> pieces, CancellationToken cancellationToken = default, params (string Name, string Value)[] metadata)
    {
        var request = Request(method, new PiecesContent(pieces), metadata);
        return new(await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

    /// <summary>A request of gRPC that the test may spoil before it is sent.</summary>
    public static HttpRequestMessage Request(string method, HttpContent content, params (string Name, string Value)[] metadata)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        foreach (var (name, value) in metadata)
        {
            if (name == "content-type")
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    public void Dispose() => _http.Dispose();

    private sealed class PiecesContent(IReadOnlyList<byte[]> pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var piece in pieces)
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

/// <summary>An answer that is coming in.</summary>
public sealed class GrpcStream(HttpResponseMessage response) : IDisposable
{
    private Stream? _body;

    public HttpResponseMessage Response => response;

    /// <summary>The next frame's flag and bytes; null at the end.</summary>
    public async Task<(byte Flag, byte[] Message)?> ReadAsync(CancellationToken cancellationToken = default)
    {
        _body ??= await response.Content.ReadAsStreamAsync(cancellationToken);
        var prefix = new byte[5];
        var read = await _body.ReadAtLeastAsync(prefix, 5, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1))];
        await _body.ReadExactlyAsync(message, cancellationToken);
        return (prefix[0], message);
    }

    public async Task<GrpcAnswer> AllAsync()
    {
        var messages = new List<(byte, byte[])>();
        while (await ReadAsync() is { } message)
        {
            messages.Add(message);
        }

        return new(response, messages);
    }

    public void Dispose() => response.Dispose();
}

/// <summary>A whole answer.</summary>
public sealed class GrpcAnswer(HttpResponseMessage response, IReadOnlyList<(byte Flag, byte[] Message)> frames)
{
    public int HttpStatus => (int)response.StatusCode;

    /// <summary>True when the status came in the headers.</summary>
    public bool IsTrailersOnly => response.Headers.Contains("grpc-status");
    public IReadOnlyList<(byte Flag, byte[] Message)> Frames => frames;
    public int Status => int.Parse(Header("grpc-status") ?? "-1");
    public string? Message => Header("grpc-message") is { } text ? Uri.UnescapeDataString(text) : null;

    /// <summary>As it was sent.</summary>
    public string? Header(string name) =>
        response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values) ? string.Join(',', values) : null;

    public T Only<T>(MessageParser<T> parser)
        where T : IMessage<T> => parser.ParseFrom(frames.Single().Message);

    /// <summary>The serialized google.rpc.Status; empty for none.</summary>
    public byte[] Details()
    {
        var text = Header("grpc-status-details-bin") ?? "";
        return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
    }
}
