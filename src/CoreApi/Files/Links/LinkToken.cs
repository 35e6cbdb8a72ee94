using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Platform.CoreApi.Files.Links;

/// <summary>
/// The right to read one file until a moment, in a URL: organization, expiry and disposition, and HMAC-SHA256 over them and the file's id.
/// </summary>
internal sealed record LinkToken(Guid Tenant, DateTimeOffset ExpiresAt, bool IsInline)
{
    private const int BodyLength = 1 + 16 + 8 + 1;
    private const byte Version = 1;

    public string Sign(Guid file, byte[] secret)
    {
        Span<byte> token = stackalloc byte[BodyLength + HMACSHA256.HashSizeInBytes];
        token[0] = Version;
        Tenant.TryWriteBytes(token[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(token[17..], ExpiresAt.ToUnixTimeSeconds());
        token[25] = IsInline ? (byte)1 : (byte)0;
        Mac(file, token[..BodyLength], secret, token[BodyLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>False for what was not signed by us for this file.</summary>
    public static bool TryRead(string text, Guid file, byte[] secret, [NotNullWhen(true)] out LinkToken? token)
    {
        token = null;
        Span<byte> bytes = stackalloc byte[BodyLength + HMACSHA256.HashSizeInBytes];
        if (text.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != bytes.Length || bytes[0] != Version)
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Mac(file, bytes[..BodyLength], secret, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[BodyLength..]))
        {
            return false;
        }

        token = new(
            new Guid(bytes[1..17], bigEndian: true), DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(bytes[17..])), bytes[25] == 1);
        return true;
    }

    private static void Mac(Guid file, ReadOnlySpan<byte> body, byte[] secret, Span<byte> mac)
    {
        Span<byte> signed = stackalloc byte[16 + BodyLength];
        file.TryWriteBytes(signed, bigEndian: true, out _);
        body.CopyTo(signed[16..]);
        HMACSHA256.HashData(secret, signed, mac);
    }
}
