using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Grpc.Wire;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Grpc;

/// <summary>
/// One call on the wire: messages in and out, the deadline, and the status at the end. A message is a flag for compression, its length
/// in four bytes, and its bytes.
/// </summary>
internal sealed class GrpcCall(HttpContext http, GrpcOptions options, TimeProvider clock) : IDisposable
{
    private const int PrefixBytes = 5;
    private CancellationTokenSource? _deadline;
    private CancellationTokenSource? _either;
    private bool _isGzipIn;
    private bool _isGzipOut;
    private bool _hasMessage;
    private long _due;

    public int MaxAnswerBytes => options.MaxAnswerBytes;

    /// <summary>Reads the headers that say how the call is to be served.</summary>
    /// <exception cref="GrpcException">One of them makes no sense.</exception>
    public void Accept()
    {
        var encoding = Http.Request.Headers["grpc-encoding"].ToString();
        _isGzipIn = encoding == Gzip.Name;
        if (!_isGzipIn && encoding is not ("" or "identity"))
        {
            Http.Response.Headers["grpc-accept-encoding"] = Gzip.Accepted;
            throw new GrpcException(GrpcCode.Unimplemented, $"The encoding '{encoding}' is not supported.");
        }

        _isGzipOut = Accepts(Http.Request.Headers["grpc-accept-encoding"], Gzip.Name);
        var timeout = Http.Request.Headers[GrpcTimeout.Header].ToString();
        if (timeout.Length == 0)
        {
            return;
        }

        if (!GrpcTimeout.TryParse(timeout, out var span))
        {
            throw new GrpcException(GrpcCode.InvalidArgument, $"grpc-timeout is '{timeout}': up to 8 digits and one of H, M, S, m, u, n.");
        }

        if (span is { } time)
        {
            _due = clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);
            _deadline = new CancellationTokenSource(time, clock);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, Http.RequestAborted);
            Cancelled = _either.Token;
        }
    }

    public HttpContext Http { get; } = http;

    /// <summary>The caller has gone, or its deadline has passed.</summary>
    public CancellationToken Cancelled { get; private set; } = http.RequestAborted;

    /// <summary>True once the deadline has passed.</summary>
    public bool IsLate => _deadline is not null && (_deadline.IsCancellationRequested || clock.GetTimestamp() >= _due);

    /// <summary>The one message of a call that has one.</summary>
    /// <exception cref="GrpcException">There is none, more than one, or one that breaks a rule.</exception>
    public async ValueTask<IMessage> ReadOnlyMessageAsync(MessageParser parser)
    {
        var message = await ReadAsync(parser) ?? throw new GrpcException(GrpcCode.Unimplemented, "The call needs one request message and has none.");
        var reader = Http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(Cancelled);
            if (!read.Buffer.IsEmpty)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new GrpcException(GrpcCode.Unimplemented, "The call takes one request message and has more.");
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return message;
            }
        }
    }

    /// <summary>The next message; null when the caller has sent its last.</summary>
    /// <exception cref="GrpcException">What was sent breaks a rule.</exception>
    /// <param name="ending">Gives up waiting; the call's own end when none.</param>
    public async ValueTask<IMessage?> ReadAsync(MessageParser parser, CancellationToken ending = default)
    {
        var reader = Http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(ending.CanBeCanceled ? ending : Cancelled);
            var buffer = read.Buffer;
            if (buffer.Length >= PrefixBytes)
            {
                var (isPacked, length) = Prefix(buffer);
                if (buffer.Length - PrefixBytes >= length)
                {
                    var payload = buffer.Slice(PrefixBytes, length);
                    var message = Parse(parser, payload, isPacked);
                    reader.AdvanceTo(payload.End);
                    return message;
                }
            }

            if (read.IsCompleted)
            {
                reader.AdvanceTo(buffer.End);
                return buffer.IsEmpty ? null : throw new GrpcException(GrpcCode.Internal, "The request ends in the middle of a message.");
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Sends the headers, so that the caller knows that the call is served.</summary>
    public Task StartAsync()
    {
        Prepare();
        return Http.Response.StartAsync(Cancelled);
    }

    /// <summary>Sends a message; comes back when the peer's window lets the next one in.</summary>
    public async ValueTask WriteAsync(IMessage message)
    {
        Write(message);
        await Http.Response.BodyWriter.FlushAsync(Cancelled);
    }

    /// <summary>A message that leaves together with the status.</summary>
    public void Write(IMessage message)
    {
        Prepare();
        _hasMessage = true;
        var writer = Http.Response.BodyWriter;
        var size = message.CalculateSize();
        if (_isGzipOut && size >= options.CompressFrom)
        {
            WritePacked(message, size, writer);
        }
        else
        {
            WritePrefix(writer, isPacked: false, size);
            message.WriteTo(writer);
        }
    }

    /// <summary>Says how the call ended: in the trailers, or in the headers where nothing else was sent.</summary>
    public async Task EndAsync(GrpcStatus status)
    {
        if (Http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (Http.Response.HasStarted || _hasMessage || status.Code == GrpcCode.Ok)
        {
            Prepare();
            await Http.Response.StartAsync(Http.RequestAborted);
            WriteStatus(Http.Response.AppendTrailer, status);
        }
        else
        {
            Http.Response.ContentType = GrpcContentType.Answer;
            WriteStatus((name, value) => Http.Response.Headers[name] = value, status);
        }

        await Http.Response.CompleteAsync();
    }

    public void Dispose()
    {
        _either?.Dispose();
        _deadline?.Dispose();
    }

    private static void WriteStatus(Action<string, StringValues> write, GrpcStatus status)
    {
        write("grpc-status", StatusTexts[(int)status.Code]);
        if (status.Message.Length > 0)
        {
            write("grpc-message", PercentEncoding.Encode(status.Message));
        }

        if (status.Details is { } details)
        {
            // Without padding, as the specification wants it sent.
            write("grpc-status-details-bin", Convert.ToBase64String(details).TrimEnd('='));
        }
    }

    private static readonly StringValues[] StatusTexts = [.. Enumerable.Range(0, 17).Select(n => new StringValues(n.ToString()))];

    private static bool Accepts(StringValues header, string encoding) =>
        header.Any(line => line!.Split(',', StringSplitOptions.TrimEntries).Contains(encoding, StringComparer.Ordinal));

    private void Prepare()
    {
        if (Http.Response.HasStarted)
        {
            return;
        }

        Http.Response.ContentType = GrpcContentType.Answer;
        if (_isGzipOut)
        {
            Http.Response.Headers["grpc-encoding"] = Gzip.Name;
        }
    }

    private (bool IsPacked, int Length) Prefix(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (prefix[0] > 1)
        {
            throw new GrpcException(GrpcCode.Internal, "The message's compression flag is neither 0 nor 1.");
        }

        if (prefix[0] == 1 && !_isGzipIn)
        {
            throw new GrpcException(GrpcCode.Internal, "A message is compressed, and grpc-encoding does not say how.");
        }

        return length <= options.MaxMessageBytes
            ? (prefix[0] == 1, (int)length)
            : throw new GrpcException(ProblemStatus.Of(KnownProblems.BodyTooLarge(options.MaxMessageBytes)));
    }

    private IMessage Parse(MessageParser parser, in ReadOnlySequence<byte> payload, bool isPacked)
    {
        try
        {
            if (!isPacked)
            {
                return parser.ParseFrom(payload);
            }

            using var unpacked = Gzip.Unpack(payload, options.MaxMessageBytes);
            return parser.ParseFrom(unpacked.Written.Span);
        }
        catch (InvalidProtocolBufferException e) when (e.Message.Contains("levels of nesting", StringComparison.Ordinal))
        {
            // Three messages for a level of JSON: what is too deep for the parser is too deep for the rules as well.
            throw new GrpcException(ProblemStatus.Of(KnownProblems.TooDeep(JsonBody.MaxDepth)));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcCode.Internal, $"The message cannot be read: {e.Message}");
        }
    }

    private static void WritePacked(IMessage message, int size, IBufferWriter<byte> writer)
    {
        using var plain = new PooledBuffer(initial: size);
        using var packed = new PooledBuffer(initial: size);
        message.WriteTo(plain);
        Gzip.Pack(plain.Written.Span, packed);
        var isSmaller = packed.Length < size;
        var chosen = isSmaller ? packed : plain;
        WritePrefix(writer, isSmaller, chosen.Length);
        writer.Write(chosen.Written.Span);
    }

    private static void WritePrefix(IBufferWriter<byte> writer, bool isPacked, int length)
    {
        var span = writer.GetSpan(PrefixBytes);
        span[0] = isPacked ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)length);
        writer.Advance(PrefixBytes);
    }
}

/// <summary>The media types of gRPC with protocol buffers.</summary>
internal static class GrpcContentType
{
    public const string Answer = "application/grpc";

    /// <summary>True for <c>application/grpc</c> and <c>application/grpc+proto</c>, with parameters or without.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(Answer, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var rest = contentType.AsSpan(Answer.Length, (end < 0 ? contentType.Length : end) - Answer.Length).Trim();
        return rest.IsEmpty || rest.Equals("+proto", StringComparison.OrdinalIgnoreCase);
    }
}
