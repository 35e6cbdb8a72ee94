using System.Globalization;

namespace Platform.Processing.Schedules.Cron;

/// <summary>One of the five fields: its name for people, its range, and names for its numbers.</summary>
internal sealed record CronField(string Name, int Min, int Max, string[]? Names = null)
{
    public static readonly CronField Minute = new("minute", 0, 59);
    public static readonly CronField Hour = new("hour", 0, 23);
    public static readonly CronField Day = new("day of the month", 1, 31);
    public static readonly CronField Month = new("month", 1, 12,
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]);

    /// <summary>7 is Sunday as well.</summary>
    public static readonly CronField Weekday = new("weekday", 0, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]);

    // Sunday counts once.
    private int Top => this == Weekday ? 6 : Max;

    /// <summary>The bits of a list of numbers, ranges and steps; parts that are none of these are given to <paramref name="special"/> first.</summary>
    /// <exception cref="FormatException">The message says what is wrong.</exception>
    public ulong Read(string text, Func<string, bool>? special = null)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            if (special is null || !special(part))
            {
                set |= ReadPart(part);
            }
        }

        return set;
    }

    /// <summary>A number, or a name for one.</summary>
    public int Number(string text)
    {
        var named = Names is null ? -1 : Array.FindIndex(Names, n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
        {
            return named + (Min == 1 ? 1 : 0);
        }

        return text.Length is > 0 and < 4 && text.All(char.IsAsciiDigit) && Whole(text) is var number && number >= Min && number <= Max
            ? number
            : throw Fault(text);
    }

    public FormatException Fault(string part) => new(part.Length == 0
        ? $"The {Name} has an empty part."
        : $"The {Name} '{part}' is not valid: it is a number from {Min} to {Max}{(Names is null ? "" : $" or a name such as {Names[1]}")}, a range such as {Min}-{Min + 2}, either with a step such as /2, or a list of these.");

    private ulong ReadPart(string part)
    {
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? part : part[..slash];
        var step = slash < 0 ? 1 : Step(part, part[(slash + 1)..]);
        if (range is "*" || (range is "?" && (this == Day || this == Weekday)))
        {
            return Bits(Min, Top, step);
        }

        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            var first = Number(range);
            return Bits(first, slash < 0 ? first : Math.Max(first, Top), step);
        }

        var (low, high) = (Number(range[..dash]), Number(range[(dash + 1)..]));
        if (low <= high)
        {
            return Bits(low, high, step);
        }

        // Of weekdays alone: a week has no beginning that everybody agrees on.
        return this == Weekday
            ? Bits(low, high + 7, step)
            : throw new FormatException($"The {Name} '{part}' goes backwards: a range begins with its smaller number.");
    }

    private int Step(string part, string text) =>
        text.Length is > 0 and < 4 && text.All(char.IsAsciiDigit) && Whole(text) is var step && step >= 1 && step <= Max
            ? step
            : throw new FormatException($"The {Name} '{part}' has a step that is not a number from 1 to {Max}.");

    private ulong Bits(int low, int high, int step)
    {
        var set = 0UL;
        for (var n = low; n <= high; n += step)
        {
            set |= 1UL << (this == Weekday ? n % 7 : n);
        }

        return set;
    }

    private static int Whole(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
