using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>
/// A JSON number, exactly: JSON knows no limit of digits or exponent, and 0.3 is a multiple of 0.1. The value is the digits, without zeros at
/// either end, times a power of ten. Nothing here takes longer than in proportion to the digits that were sent.
/// </summary>
internal readonly struct JsonNumber
{
    private const long Beyond = long.MaxValue / 4;
    private readonly string _digits;
    private readonly long _exponent;

    private JsonNumber(bool isNegative, string digits, long exponent)
    {
        IsNegative = isNegative;
        _digits = digits;
        _exponent = exponent;
    }

    public bool IsNegative { get; }
    public bool IsZero => _digits.Length == 0;
    public bool IsInteger => _exponent >= 0;
    public int Digits => _digits.Length;

    /// <summary>One text for each value.</summary>
    public string Canonical => $"{(IsNegative ? "-" : "")}{_digits}e{_exponent.ToString(CultureInfo.InvariantCulture)}";

    public static JsonNumber Of(JsonElement number)
    {
        var text = number.GetRawText().AsSpan();
        var isNegative = text[0] == '-';
        text = text[(isNegative ? 1 : 0)..];
        var e = text.IndexOfAny('e', 'E');
        var exponent = e < 0 ? 0 : Exponent(text[(e + 1)..]);
        text = e < 0 ? text : text[..e];
        var point = text.IndexOf('.');
        string digits = point < 0 ? text.ToString() : string.Concat(text[..point], text[(point + 1)..]);
        exponent -= point < 0 ? 0 : text.Length - point - 1;
        digits = digits.TrimStart('0');
        var trimmed = digits.TrimEnd('0');
        return trimmed.Length == 0 ? new(false, "", 0) : new(isNegative, trimmed, exponent + digits.Length - trimmed.Length);
    }

    public int Against(JsonNumber other)
    {
        if (IsNegative != other.IsNegative)
        {
            return IsNegative ? -1 : 1;
        }

        return IsNegative ? -CompareMagnitude(this, other) : CompareMagnitude(this, other);
    }

    /// <param name="divisor">Above zero.</param>
    public bool IsMultipleOf(JsonNumber divisor)
    {
        if (IsZero)
        {
            return true;
        }

        // These digits do not end in a zero, so they are no multiple of anything times ten.
        var shift = _exponent - divisor._exponent;
        if (shift < 0)
        {
            return false;
        }

        var modulus = BigInteger.Parse(divisor._digits, CultureInfo.InvariantCulture);
        var remainder = BigInteger.Zero;
        foreach (var chunk in _digits.Chunk(18))
        {
            remainder = ((remainder * BigInteger.Pow(10, chunk.Length)) + long.Parse(chunk, CultureInfo.InvariantCulture)) % modulus;
        }

        return (remainder * BigInteger.ModPow(10, shift, modulus) % modulus).IsZero;
    }

    private static int CompareMagnitude(JsonNumber one, JsonNumber other)
    {
        if (one.IsZero || other.IsZero)
        {
            return one._digits.Length.CompareTo(other._digits.Length);
        }

        var order = (one._exponent + one._digits.Length).CompareTo(other._exponent + other._digits.Length);
        return order != 0 ? order : string.CompareOrdinal(one._digits, other._digits);
    }

    private static long Exponent(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            ? Math.Clamp(exponent, -Beyond, Beyond)
            : text[0] == '-' ? -Beyond : Beyond;
}
