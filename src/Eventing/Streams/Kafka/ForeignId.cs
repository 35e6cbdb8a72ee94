using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// A UUID (version 8, RFC 9562) for an event that another system named: the same name gives the same UUID. Its first 48 bits are the event's
/// time in milliseconds, as in version 7, so that the inbox keeps it with the events of its day; zero when it says none.
/// </summary>
internal static class ForeignId
{
    public static Guid Of(DateTimeOffset? time, string source, string id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{source}\0{id}"));
        var bytes = hash.AsSpan(0, 16);
        var milliseconds = Math.Clamp(time?.ToUnixTimeMilliseconds() ?? 0, 0, 0xFFFF_FFFF_FFFF);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(milliseconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)milliseconds);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
