using System.Diagnostics.CodeAnalysis;

namespace Platform.Contracts.Identifiers;

/// <summary>
/// TypeID: a type prefix, an underscore and a UUIDv7 in 26 characters of Crockford base32 (lower case, most significant first),
/// as the TypeID specification 0.3 has it. Databases store the UUID; the prefix belongs to the edge.
/// </summary>
public static class TypeId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    /// <summary>Characters of an identifier after its prefix and underscore.</summary>
    public const int SuffixLength = 26;

    private static readonly byte[] Values = CreateValues();

    /// <summary>A new, time-ordered identifier, without its prefix.</summary>
    public static Guid New(TimeProvider clock) => Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>Writes <paramref name="id"/> as <c>prefix_suffix</c>.</summary>
    public static string Format(string prefix, Guid id) =>
        string.Create(prefix.Length + 1 + SuffixLength, (prefix, id), static (chars, state) =>
        {
            state.prefix.CopyTo(chars);
            chars[state.prefix.Length] = '_';
            Span<byte> bytes = stackalloc byte[16];
            state.id.TryWriteBytes(bytes, bigEndian: true, out _);
            var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
            for (var i = chars.Length - 1; i > state.prefix.Length; i--)
            {
                chars[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });

    /// <summary>Reads an identifier of exactly this prefix; false for anything else, including a suffix that overflows 128 bits.</summary>
    public static bool TryParse(string prefix, [NotNullWhen(true)] string? text, out Guid id)
    {
        if (text is null || text.Length != prefix.Length + 1 + SuffixLength
            || text[prefix.Length] != '_' || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            id = default;
            return false;
        }

        return TryParseSuffix(text.AsSpan(prefix.Length + 1), out id);
    }

    /// <summary>Reads the 26 characters after the prefix and its underscore.</summary>
    public static bool TryParseSuffix(ReadOnlySpan<char> suffix, out Guid id)
    {
        id = default;
        if (suffix.Length != SuffixLength || suffix[0] > '7')
        {
            return false;
        }

        UInt128 value = 0;
        foreach (var c in suffix)
        {
            var digit = c < 128 ? Values[c] : byte.MaxValue;
            if (digit == byte.MaxValue)
            {
                return false;
            }

            value = (value << 5) | digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new Guid(bytes, bigEndian: true);
        return true;
    }

    /// <summary>Reads an identifier that this system wrote itself.</summary>
    /// <exception cref="FormatException">It is not one of this prefix.</exception>
    public static Guid Parse(string prefix, string text) =>
        TryParse(prefix, text, out var id) ? id : throw new FormatException($"'{text}' is not a {prefix}_ identifier.");

    private static byte[] CreateValues()
    {
        var values = new byte[128];
        Array.Fill(values, byte.MaxValue);
        for (byte i = 0; i < Alphabet.Length; i++)
        {
            values[Alphabet[i]] = i;
        }

        return values;
    }
}
