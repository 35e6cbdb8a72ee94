using System.Security.Cryptography;
using System.Text;
using Platform.Contracts.Identifiers;

namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>
/// The text of an API key: <c>pk_live_</c> or <c>pk_test_</c>, 26 characters of the key's id, an underscore, 43 characters of secret
/// (base62, 256 random bits) and 6 characters of checksum (base62 of the CRC-32 of everything before). A mistyped or made-up key is
/// refused without a look-up, and scanners can tell a real key from a look-alike.
/// </summary>
public static class ApiKeyText
{
    /// <summary>Bytes of <see cref="Hash"/>.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>Characters of a key.</summary>
    public const int Length = PrefixLength + TypeId.SuffixLength + 1 + SecretLength + ChecksumLength;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int PrefixLength = 8;
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    /// <summary>What <c>env</c> can be.</summary>
    public static IReadOnlyList<string> Environments { get; } = ["live", "test"];

    /// <summary>A new key's text. It is not kept anywhere: only its hash is.</summary>
    /// <param name="environment"><c>live</c> or <c>test</c>.</param>
    /// <param name="keyId">The key's id.</param>
    public static string Create(string environment, Guid keyId)
    {
        if (!Environments.Contains(environment))
        {
            throw new ArgumentException($"'{environment}' is neither live nor test.", nameof(environment));
        }

        var id = TypeId.Format(environment, keyId)[(environment.Length + 1)..];
        var body = $"pk_{environment}_{id}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return string.Create(Length, body, static (chars, text) =>
        {
            text.CopyTo(chars);
            WriteChecksum(Crc32.Of(text), chars[text.Length..]);
        });
    }

    /// <summary>The id in a key whose form and checksum are right; says nothing about whether there is such a key.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Guid keyId)
    {
        keyId = default;
        if (text.Length != Length || !(text.StartsWith("pk_live_") || text.StartsWith("pk_test_")) || text[PrefixLength + TypeId.SuffixLength] != '_')
        {
            return false;
        }

        foreach (var c in text[(PrefixLength + TypeId.SuffixLength + 1)..])
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(Crc32.Of(text[..^ChecksumLength]), checksum);
        return text[^ChecksumLength..].SequenceEqual(checksum) && TypeId.TryParseSuffix(text.Slice(PrefixLength, TypeId.SuffixLength), out keyId);
    }

    /// <summary>SHA-256 of the whole text: with 256 random bits in it, a slow hash would add nothing but time.</summary>
    /// <param name="text">A text that <see cref="TryParse"/> or <see cref="Create"/> gave.</param>
    /// <param name="hash">Takes <see cref="HashLength"/> bytes.</param>
    public static void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(text, bytes)], hash);
    }

    private static void WriteChecksum(uint crc, Span<char> chars)
    {
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            chars[i] = Alphabet[(int)(crc % 62)];
            crc /= 62;
        }
    }
}
