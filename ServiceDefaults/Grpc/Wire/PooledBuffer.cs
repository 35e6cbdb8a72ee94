using System.Buffers;

namespace Platform.ServiceDefaults.Grpc.Wire;

/// <summary>A growing buffer out of the shared pool, with an end.</summary>
/// <param name="limit">Bytes that it may hold; more is a <see cref="BufferFullException"/>.</param>
internal sealed class PooledBuffer(int limit = int.MaxValue, int initial = 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(initial);

    public int Length { get; private set; }
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Advance(int count)
    {
        if (count > limit - Length)
        {
            throw new BufferFullException(limit);
        }

        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > limit - Length)
        {
            throw new BufferFullException(limit);
        }

        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        Length = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count)
        {
            return;
        }

        // What a writer asks for may be more than it will use, so it is refused when used.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + count), (int)Math.Min(_bytes.Length * 2L, Array.MaxLength)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

/// <summary>More was written than the buffer may hold.</summary>
internal sealed class BufferFullException(int limit) : Exception($"More than {limit} bytes.");
