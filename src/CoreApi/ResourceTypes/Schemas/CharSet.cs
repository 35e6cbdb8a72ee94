using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>A set of Unicode characters, for translating patterns: .NET's expressions see UTF-16 units, the standard's see characters.</summary>
internal sealed class CharSet
{
    private const int Last = 0x10FFFF;
    private static readonly ConcurrentDictionary<string, CharSet?> Categories = new(StringComparer.Ordinal);
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private readonly List<(int From, int To)> _ranges = [];

    public static CharSet Of(params ReadOnlySpan<(int From, int To)> ranges)
    {
        var set = new CharSet();
        foreach (var (from, to) in ranges)
        {
            set.Add(from, to);
        }

        return set;
    }

    /// <summary>The characters of a general category, <c>Lu</c>, or of a group of them, <c>L</c>; null when there is none of this name.</summary>
    public static CharSet? Category(string name) => Categories.GetOrAdd(name.Length <= 2 ? name : "", static n =>
    {
        var wanted = CategoryNames.Select(c => n.Length > 0 && c.StartsWith(n, StringComparison.Ordinal)).ToArray();
        if (!wanted.Contains(true))
        {
            return null;
        }

        var set = new CharSet();
        for (var c = 0; c <= Last; c++)
        {
            if (wanted[(int)CharUnicodeInfo.GetUnicodeCategory(c)])
            {
                var start = c;
                while (c < Last && wanted[(int)CharUnicodeInfo.GetUnicodeCategory(c + 1)])
                {
                    c++;
                }

                set.Add(start, c);
            }
        }

        return set;
    });

    public void Add(int from, int to) => _ranges.Add((from, to));

    public void Add(CharSet other) => _ranges.AddRange(other._ranges);

    public CharSet Complement()
    {
        var set = new CharSet();
        var next = 0;
        foreach (var (from, to) in Merged())
        {
            if (from > next)
            {
                set.Add(next, from - 1);
            }

            next = to + 1;
        }

        if (next <= Last)
        {
            set.Add(next, Last);
        }

        return set;
    }

    /// <summary>As an expression of .NET that takes exactly one character of the set. Text holds no lone surrogates, so the set needs none.</summary>
    public string ToExpression()
    {
        var low = new StringBuilder();
        var parts = new List<string>();
        foreach (var (from, to) in Merged())
        {
            AddLow(low, from, Math.Min(to, 0xD7FF));
            AddLow(low, Math.Max(from, 0xE000), Math.Min(to, 0xFFFF));
            AddHigh(parts, Math.Max(from, 0x10000), to);
        }

        if (low.Length > 0)
        {
            parts.Insert(0, $"[{low}]");
        }

        return parts.Count == 0 ? @"[^\s\S]" : $"(?:{string.Join('|', parts)})";
    }

    private static void AddLow(StringBuilder text, int from, int to)
    {
        if (from <= to)
        {
            text.Append(Unit(from)).Append('-').Append(Unit(to));
        }
    }

    private static void AddHigh(List<string> parts, int from, int to)
    {
        while (from <= to)
        {
            // Up to the end of this lead unit, or over as many whole lead units as there are.
            var lead = Lead(from);
            var end = Trail(from) == 0xDC00 && to - from >= 0x3FF ? to - ((to - 0x10000 + 1) % 0x400) : Math.Min(to, from | 0x3FF);
            parts.Add(lead == Lead(end)
                ? $"{Unit(lead)}[{Unit(Trail(from))}-{Unit(Trail(end))}]"
                : $"[{Unit(lead)}-{Unit(Lead(end))}][{Unit(0xDC00)}-{Unit(0xDFFF)}]");
            from = end + 1;
        }
    }

    private static int Lead(int character) => 0xD800 + ((character - 0x10000) >> 10);

    private static int Trail(int character) => 0xDC00 + ((character - 0x10000) & 0x3FF);

    private static string Unit(int unit) => $"\\u{unit:X4}";

    private List<(int From, int To)> Merged()
    {
        var merged = new List<(int From, int To)>();
        foreach (var (from, to) in _ranges.Order())
        {
            if (merged.Count > 0 && from <= merged[^1].To + 1)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, to));
            }
            else
            {
                merged.Add((from, to));
            }
        }

        return merged;
    }
}
