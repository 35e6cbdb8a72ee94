using System.Security.Cryptography;

namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>An API key as this service knows it.</summary>
/// <param name="Principal">Who its bearer is; the same object for every request.</param>
/// <param name="Hash">SHA-256 of its text.</param>
internal sealed record KnownKey(Principal Principal, byte[] Hash, DateTimeOffset? ExpiresAt, bool IsRevoked)
{
    /// <summary>True when the text with this hash lets its bearer in. Compared in constant time.</summary>
    public bool Accepts(ReadOnlySpan<byte> hash, DateTimeOffset now) =>
        CryptographicOperations.FixedTimeEquals(Hash, hash) & !IsRevoked & (ExpiresAt is null || now < ExpiresAt);
}
