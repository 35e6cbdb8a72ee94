using System.Buffers.Binary;
using System.Text;

namespace Platform.Eventing.Outbox;

/// <summary>Kafka's default partitioner: murmur2 over the key's UTF-8 bytes, so that a key has the same place on every stream engine.</summary>
public static class Partitioner
{
    /// <summary>The partition of a key, 0 to <paramref name="partitions"/> - 1.</summary>
    public static int For(string key, int partitions)
    {
        Span<byte> small = stackalloc byte[256];
        var length = Encoding.UTF8.GetByteCount(key);
        var bytes = length <= small.Length ? small[..length] : new byte[length];
        Encoding.UTF8.GetBytes(key, bytes);
        return (int)(Murmur2(bytes) & 0x7fffffff) % partitions;
    }

    internal static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint seed = 0x9747b28c;
        const uint m = 0x5bd1e995;
        var hash = seed ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * m;
            k = (k ^ (k >> 24)) * m;
            hash = (hash * m) ^ k;
            data = data[4..];
        }

        if (data.Length > 0)
        {
            for (var i = data.Length - 1; i >= 0; i--)
            {
                hash ^= (uint)data[i] << (8 * i);
            }

            hash *= m;
        }

        hash = (hash ^ (hash >> 13)) * m;
        return hash ^ (hash >> 15);
    }
}
