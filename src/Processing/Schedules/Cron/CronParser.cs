namespace Platform.Processing.Schedules.Cron;

/// <summary>
/// Reads <c>minute hour day-of-month month weekday</c>: numbers, names, <c>*</c>, ranges, steps, lists; <c>?</c> in the day fields; <c>L</c> and <c>L-3</c>
/// as days of the month, <c>5L</c> (the last Friday) and <c>5#2</c> (the second) as weekdays; <c>@hourly</c> and its kind.
/// </summary>
internal static class CronParser
{
    private static readonly Dictionary<string, string> Nicknames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *", ["@annually"] = "0 0 1 1 *", ["@monthly"] = "0 0 1 * *", ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *", ["@midnight"] = "0 0 * * *", ["@hourly"] = "0 * * * *",
    };

    private static readonly DateTime AnyDay = new(2000, 1, 1);

    /// <summary>The expression, or what is wrong with it in a sentence.</summary>
    public static (CronExpression? Expression, string? Fault) Parse(string text)
    {
        try
        {
            var expression = Read(text.Trim());
            return expression.NextLocal(AnyDay) is null ? (null, "It never comes: no month has such a day.") : (expression, null);
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
    }

    private static CronExpression Read(string text)
    {
        if (text.StartsWith('@'))
        {
            text = Nicknames.TryGetValue(text, out var meaning) ? meaning : throw new FormatException($"'{text}' is none of {string.Join(", ", Nicknames.Keys)}.");
        }

        var fields = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            throw new FormatException(
                $"It has five fields (minute, hour, day of the month, month, weekday) and not {fields.Length}; there are no seconds and no years.");
        }

        return new()
        {
            Minutes = CronField.Minute.Read(fields[0]),
            Hours = CronField.Hour.Read(fields[1]),
            Days = ReadDays(fields[2]),
            Months = CronField.Month.Read(fields[3]),
            Weekdays = ReadWeekdays(fields[4]),
            IsRhythm = !IsWrittenOut(fields[0]) || !IsWrittenOut(fields[1]),
        };
    }

    private static DaysOfMonth ReadDays(string text)
    {
        var fromLast = 0UL;
        var numbers = CronField.Day.Read(text, part =>
        {
            if (!part.StartsWith("L", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            // L-30 is the first day of the months that have 31.
            var before = part.Length == 1 ? 0 : part[1] == '-' ? CronField.Day.Number(part[2..]) : throw CronField.Day.Fault(part);
            fromLast |= before <= 30 ? 1UL << before : throw new FormatException($"The day of the month '{part}' is in no month: at most L-30.");
            return true;
        });
        return new(numbers, fromLast, IsAny(text));
    }

    private static Weekdays ReadWeekdays(string text)
    {
        var (last, nth) = (0UL, 0UL);
        var every = CronField.Weekday.Read(text, part =>
        {
            var hash = part.IndexOf('#', StringComparison.Ordinal);
            if (hash > 0)
            {
                var which = part[(hash + 1)..];
                nth |= which.Length == 1 && which[0] is >= '1' and <= '5'
                    ? 1UL << (((which[0] - '1') * 7) + (CronField.Weekday.Number(part[..hash]) % 7))
                    : throw new FormatException($"The weekday '{part}' has a place in the month that is not a number from 1 to 5.");
                return true;
            }

            if (part.Length > 1 && part[^1] is 'L' or 'l')
            {
                last |= 1UL << (CronField.Weekday.Number(part[..^1]) % 7);
                return true;
            }

            return part is "L" or "l" ? throw new FormatException("The weekday 'L' does not say which: the last Friday of the month is 5L.") : false;
        });
        return new(every, last, nth, IsAny(text));
    }

    private static bool IsAny(string field) => field[0] is '*' or '?';

    private static bool IsWrittenOut(string field) => field.All(c => char.IsAsciiDigit(c) || c == ',');
}
