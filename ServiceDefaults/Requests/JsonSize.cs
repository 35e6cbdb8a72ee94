using System.Globalization;

namespace Platform.ServiceDefaults.Requests;

/// <summary>
/// The size of JSON as its author could have written it. Our writer escapes characters beyond the basic plane (twelve bytes instead of
/// four): what came in within the limit must not be over it for how it is stored.
/// </summary>
public static class JsonSize
{
    /// <summary>Bytes of compact JSON in which no character is escaped that need not be.</summary>
    /// <param name="json">Compact JSON in UTF-8.</param>
    public static int Unescaped(ReadOnlySpan<byte> json)
    {
        var size = json.Length;
        while (json.IndexOf((byte)'\\') is var at and >= 0)
        {
            json = json[at..];
            var length = 2;
            if (json[1] == 'u')
            {
                var unit = Unit(json);
                length = char.IsHighSurrogate(unit) ? 12 : 6;
                size -= length - (unit switch
                {
                    < ' ' => 6,
                    '"' or '\\' => 2,
                    < '\u0080' => 1,
                    < '\u0800' => 2,
                    _ when length == 12 => 4,
                    _ => 3,
                });
            }

            json = json[length..];
        }

        return size;
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
