using System.Security.Cryptography;

namespace Platform.Notifications.Signing;

/// <summary>How an endpoint's webhooks are signed: the schemes of Standard Webhooks.</summary>
internal static class SignatureScheme
{
    /// <summary>HMAC-SHA256 with a secret that both sides know.</summary>
    public const string Shared = "v1";

    /// <summary>Ed25519: the receiver knows the public key only, and cannot sign.</summary>
    public const string PublicKey = "v1a";

    public static readonly IReadOnlyList<string> All = [Shared, PublicKey];
}

/// <summary>
/// The key that an endpoint's webhooks are signed with. Everything that knows how it is written, to callers and to the
/// database, is here, so that keeping it encrypted is a change of this class alone.
/// </summary>
internal sealed class WebhookSecret
{
    /// <summary>Bytes of the longest signature.</summary>
    public const int MaxSignature = Ed25519.SignatureLength;

    public const int MinLength = 24;
    public const int MaxLength = 64;
    private const string SharedPrefix = "whsec_";
    private const string PrivatePrefix = "whsk_";
    private const string PublicPrefix = "whpk_";
    private const int Length = 32;
    private readonly byte[] _key;

    private WebhookSecret(string scheme, byte[] key) => (Scheme, _key) = (scheme, key);

    /// <summary>One of <see cref="SignatureScheme"/>.</summary>
    public string Scheme { get; }

    public static WebhookSecret Create(string scheme = SignatureScheme.Shared) => new(scheme, RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads the column; <see cref="ToColumn"/> wrote it.</summary>
    public static WebhookSecret FromColumn(byte[] column, string scheme = SignatureScheme.Shared) => new(scheme, column);

    /// <summary>Reads what a caller was shown: <c>whsec_</c> and the key in base64.</summary>
    public static WebhookSecret Parse(string text) => new(SignatureScheme.Shared, Convert.FromBase64String(text[SharedPrefix.Length..]));

    /// <summary>
    /// Reads a caller's own: of the scheme v1 <c>whsec_</c> and the base64 of 24 to 64 bytes; of v1a <c>whsk_</c> and the base64 of the key's
    /// 32 bytes, or of 64 where the public key follows. Null where it is none.
    /// </summary>
    public static WebhookSecret? TryParse(string scheme, string text)
    {
        var prefix = scheme == SignatureScheme.Shared ? SharedPrefix : PrivatePrefix;
        var bytes = new byte[MaxLength + 3];
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || text.AsSpan().ContainsAny(" \t\r\n")
            || !Convert.TryFromBase64Chars(text.AsSpan(prefix.Length), bytes, out var length) || length is < MinLength or > MaxLength)
        {
            return null;
        }

        if (scheme == SignatureScheme.Shared)
        {
            return new(scheme, bytes[..length]);
        }

        var seed = bytes[..Ed25519.SeedLength];
        return length == Ed25519.SeedLength || (length == 2 * Ed25519.SeedLength && Ed25519.PublicKeyOf(seed).AsSpan().SequenceEqual(bytes.AsSpan(Ed25519.SeedLength, Ed25519.SeedLength)))
            ? new(scheme, seed) : null;
    }

    public byte[] ToColumn() => _key;

    /// <summary>As callers and their libraries take it; null for a private key, which is never shown.</summary>
    public string? ToText() => Scheme == SignatureScheme.Shared ? SharedPrefix + Convert.ToBase64String(_key) : null;

    /// <summary>What a receiver verifies with, <c>whpk_...</c>; null for a shared secret.</summary>
    public string? ToPublicText() => Scheme == SignatureScheme.Shared ? null : PublicPrefix + Convert.ToBase64String(Ed25519.PublicKeyOf(_key));

    /// <summary>Returns the length of the signature.</summary>
    /// <param name="signature">At least <see cref="MaxSignature"/> bytes.</param>
    public int Sign(ReadOnlySpan<byte> content, Span<byte> signature)
    {
        if (Scheme == SignatureScheme.Shared)
        {
            return HMACSHA256.HashData(_key, content, signature);
        }

        Ed25519.Sign(_key, content, signature);
        return Ed25519.SignatureLength;
    }
}
