using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Grpc.Wire;

/// <summary>The one compression besides none.</summary>
internal static class Gzip
{
    public const string Name = "gzip";
    public const string Accepted = "identity,gzip";
    private const int TrailerBytes = 8;

    /// <summary>Unpacks a message of at most <paramref name="limit"/> bytes; what would be more is given up as soon as it is.</summary>
    /// <exception cref="GrpcException">It is no gzip, or too large.</exception>
    public static PooledBuffer Unpack(in ReadOnlySequence<byte> packed, int limit)
    {
        var bytes = packed.ToArray();
        var buffer = new PooledBuffer(limit, Math.Clamp(bytes.Length * 2, 1024, limit));
        try
        {
            using var source = new GZipStream(new MemoryStream(bytes, writable: false), CompressionMode.Decompress);
            for (int read; (read = source.Read(buffer.GetSpan(4096))) > 0;)
            {
                buffer.Advance(read);
            }

            // A stream that was cut short unpacks without complaint. Its last four bytes say how long it was.
            if (bytes.Length <= TrailerBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)) != (uint)buffer.Length)
            {
                throw new InvalidDataException();
            }

            return buffer;
        }
        catch (Exception e)
        {
            buffer.Dispose();
            throw e switch
            {
                BufferFullException => new GrpcException(ProblemStatus.Of(KnownProblems.BodyTooLarge(limit))),
                InvalidDataException => new GrpcException(GrpcCode.Internal, "The message is marked as gzip, and is not."),
                _ => e,
            };
        }
    }

    public static void Pack(ReadOnlySpan<byte> bytes, PooledBuffer destination)
    {
        using var sink = new BufferStream(destination);
        using var packing = new GZipStream(sink, CompressionLevel.Fastest);
        packing.Write(bytes);
    }
}
