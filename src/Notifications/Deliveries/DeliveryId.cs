using System.Security.Cryptography;
using Platform.Contracts.Identifiers;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// The id of a delivery follows from its event and its endpoint: a UUIDv7 with the event's time and 74 bits of a hash over both.
/// An event that comes twice finds its deliveries there already, and a delivery lives in its event's day.
/// </summary>
internal static class DeliveryId
{
    public static Guid Of(Guid eventId, Guid endpointId)
    {
        Span<byte> both = stackalloc byte[32];
        eventId.TryWriteBytes(both, bigEndian: true, out _);
        endpointId.TryWriteBytes(both[16..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(both, hash);
        both[..6].CopyTo(hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x70);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new(hash[..16], bigEndian: true);
    }

    public static string Format(Guid id) => TypeId.Format(IdPrefix.Delivery, id);

    public static bool TryParse(string text, out Guid id) => TypeId.TryParse(IdPrefix.Delivery, text, out id);
}
