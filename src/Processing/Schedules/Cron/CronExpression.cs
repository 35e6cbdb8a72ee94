namespace Platform.Processing.Schedules.Cron;

/// <summary>
/// What a cron expression of five fields means on the calendar, without a time zone: which minutes of local time it names. Made by <see cref="CronParser"/>.
/// </summary>
internal sealed record CronExpression
{
    /// <summary>How far ahead a time is looked for. The rarest, 29 February on a given weekday, is within 40 years.</summary>
    public const int Horizon = 100;

    private const ulong AllHours = (1UL << 24) - 1;

    /// <summary>Bits 0 to 59.</summary>
    public required ulong Minutes { get; init; }

    /// <summary>Bits 0 to 23.</summary>
    public required ulong Hours { get; init; }
    public required DaysOfMonth Days { get; init; }

    /// <summary>Bits 1 to 12.</summary>
    public required ulong Months { get; init; }
    public required Weekdays Weekdays { get; init; }

    /// <summary>
    /// True where minutes or hours are a range or have a step: its times are a beat, and a beat goes on while an hour comes twice. False for times that are
    /// written out, such as <c>30 2 * * *</c>: each is one run a day.
    /// </summary>
    public required bool IsRhythm { get; init; }

    /// <summary>Every hour has the same minutes: where an hour is missing, nothing is to be made up.</summary>
    public bool IsEveryHour => Hours == AllHours;

    /// <summary>The first minute of local time at or after <paramref name="from"/>; null when there is none for a hundred years.</summary>
    public DateTime? NextLocal(DateTime from)
    {
        var last = Math.Min(from.Year + Horizon, DateTime.MaxValue.Year - 1);
        for (var day = from.Date; day.Year <= last; day = day.AddDays(1))
        {
            if (!Has(Months, day.Month))
            {
                // To the last day of the month, and one on.
                day = day.AddDays(DateTime.DaysInMonth(day.Year, day.Month) - day.Day);
            }
            else if (IsDay(day) && MinuteOf(day == from.Date ? (int)from.TimeOfDay.TotalMinutes : 0) is { } minute)
            {
                return day.AddMinutes(minute);
            }
        }

        return null;
    }

    /// <summary>True when the expression names this minute of local time.</summary>
    public bool Matches(DateTime local) => Has(Months, local.Month) && IsDay(local) && Has(Hours, local.Hour) && Has(Minutes, local.Minute);

    /// <summary>As cron has always done: where both day fields are given, one of them is enough.</summary>
    private bool IsDay(DateTime day) => Days.IsAny || Weekdays.IsAny
        ? Days.Has(day) && Weekdays.Has(day)
        : Days.Has(day) || Weekdays.Has(day);

    private int? MinuteOf(int from)
    {
        for (var hour = from / 60; hour < 24; hour++)
        {
            var minutes = Has(Hours, hour) ? Minutes & (ulong.MaxValue << (hour == from / 60 ? from % 60 : 0)) : 0;
            if (minutes != 0)
            {
                return (hour * 60) + System.Numerics.BitOperations.TrailingZeroCount(minutes);
            }
        }

        return null;
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;
}

/// <param name="Numbers">Bits 1 to 31.</param>
/// <param name="FromLast">Bit n: n days before the last day of the month.</param>
/// <param name="IsAny">It begins with <c>*</c> or <c>?</c>.</param>
internal sealed record DaysOfMonth(ulong Numbers, ulong FromLast, bool IsAny)
{
    public bool Has(DateTime day) =>
        ((Numbers >> day.Day) & 1) != 0 || ((FromLast >> (DateTime.DaysInMonth(day.Year, day.Month) - day.Day)) & 1) != 0;
}

/// <param name="Every">Bits 0 (Sunday) to 6.</param>
/// <param name="Last">The last of its kind in the month.</param>
/// <param name="Nth">Bit 7 (n - 1) + weekday: the nth of its kind in the month.</param>
/// <param name="IsAny">It begins with <c>*</c> or <c>?</c>.</param>
internal sealed record Weekdays(ulong Every, ulong Last, ulong Nth, bool IsAny)
{
    public bool Has(DateTime day)
    {
        var weekday = (int)day.DayOfWeek;
        return ((Every >> weekday) & 1) != 0
            || ((Nth >> (((day.Day - 1) / 7 * 7) + weekday)) & 1) != 0
            || (((Last >> weekday) & 1) != 0 && day.Day > DateTime.DaysInMonth(day.Year, day.Month) - 7);
    }
}
