namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>CRC-32 as in zip and PNG (polynomial 0xEDB88320, reflected), so that any secret scanner can check a key offline.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = CreateTable();

    /// <summary>Over ASCII text.</summary>
    public static uint Of(ReadOnlySpan<char> ascii)
    {
        var table = Table;
        var crc = uint.MaxValue;
        foreach (var c in ascii)
        {
            crc = table[(byte)(crc ^ c)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
            }

            table[i] = value;
        }

        return table;
    }
}
