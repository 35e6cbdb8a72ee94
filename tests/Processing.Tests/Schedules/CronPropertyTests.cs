using FsCheck;
using FsCheck.Fluent;
using Platform.Processing.Schedules.Cron;

namespace Platform.Processing.Tests.Schedules;

/// <summary>Against a walk over every minute: random expressions, around the days on which clocks are moved.</summary>
public sealed class CronPropertyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly string[] Zones =
    [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Pacific/Chatham", "Africa/Casablanca", "Atlantic/Azores",
        "Africa/Cairo", "Asia/Kathmandu", "UTC",
    ];

    [Fact]
    public void Every_minute_that_it_names_and_no_other()
    {
        var property = Prop.ForAll(Cases().ToArbitrary(), c => Assert.Equal(Walk(c), Found(c)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), property);
    }

    private static IEnumerable<DateTimeOffset> Found(Case c)
    {
        var (expression, fault) = CronParser.Parse(c.Text);
        return fault is null ? new CronTimes(expression!, ZoneCalendar.Find(c.Zone)!).Between(c.Start - Minute, c.Start.AddDays(c.Days)) : [];
    }

    /// <summary>By the rules as the guide says them, minute by minute and with the framework's own clocks.</summary>
    private static List<DateTimeOffset> Walk(Case c)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(c.Zone);
        var (found, shown) = (new List<DateTimeOffset>(), new HashSet<DateTime>());
        for (var at = c.Start.AddHours(-4); at <= c.Start.AddDays(c.Days); at += Minute)
        {
            var (before, now) = (at.UtcDateTime + zone.GetUtcOffset(at - Minute), at.UtcDateTime + zone.GetUtcOffset(at));
            var leftOut = Enumerable.Range(0, Math.Max(0, (int)(now - before).TotalMinutes)).Any(m => c.Names(before.AddMinutes(m)));
            var isFirst = shown.Add(now);
            if (at >= c.Start && ((c.Names(now) && (isFirst || c.IsRhythm)) || (leftOut && c.Hours.Count < 24)))
            {
                found.Add(at);
            }
        }

        return found;
    }

    private static Gen<Case> Cases() =>
        from zone in Gen.Elements(Zones)
        from year in Gen.Choose(2024, 2029)
        from day in Gen.Choose(0, 364)
        from change in Gen.Elements(true, true, true, false)
        from hours in Gen.Choose(-30, 6)
        from days in Gen.Choose(1, 3)
        from minute in Fields(0, 59)
        from hour in Gen.Frequency((1, Fields(0, 23)), (2, Fields(0, 3)))
        from date in Gen.Frequency((4, Gen.Constant(new Field("*", Range(1, 31)))), (1, Fields(1, 31)))
        from month in Gen.Frequency((6, Gen.Constant(new Field("*", Range(1, 12)))), (1, Fields(1, 12)))
        from weekday in Gen.Frequency((4, Gen.Constant(new Field("*", Range(0, 6)))), (1, Fields(0, 6)))
        select new Case(zone, StartOf(zone, year, day, change).AddHours(hours), days, minute, hour, date, month, weekday);

    private static Gen<Field> Fields(int min, int max) => Gen.OneOf(
        Gen.Constant(new Field("*", Range(min, max == 3 ? 23 : max))),
        from numbers in Gen.Choose(min, max).NonEmptyListOf() select new Field(string.Join(',', numbers), [.. numbers]),
        from low in Gen.Choose(min, max) from high in Gen.Choose(low, max) select new Field($"{low}-{high}", Range(low, high)),
        from step in Gen.Choose(1, Math.Max(2, max / 2)) from low in Gen.Choose(min, max) select new Field($"{low}-{max}/{step}", [.. Range(low, max).Where(n => (n - low) % step == 0)]));

    /// <summary>The first change of the clock after a day, or the day itself.</summary>
    private static DateTimeOffset StartOf(string zone, int year, int day, bool change)
    {
        var at = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);
        var clock = TimeZoneInfo.FindSystemTimeZoneById(zone);
        for (var next = at; change && next < at.AddYears(1); next = next.AddHours(1))
        {
            if (clock.GetUtcOffset(next) != clock.GetUtcOffset(next.AddHours(-1)))
            {
                return next;
            }
        }

        return at;
    }

    private static HashSet<int> Range(int low, int high) => [.. Enumerable.Range(low, high - low + 1)];

    public sealed record Field(string Text, HashSet<int> Numbers)
    {
        public bool IsAny => Text[0] == '*';
        public bool IsWrittenOut => !Text.Contains('*', StringComparison.Ordinal) && !Text.Contains('-', StringComparison.Ordinal);
    }

    public sealed record Case(string Zone, DateTimeOffset Start, int Days, Field Minute, Field Hour, Field Date, Field Month, Field Weekday)
    {
        public string Text => $"{Minute.Text} {Hour.Text} {Date.Text} {Month.Text} {Weekday.Text}";
        public HashSet<int> Hours => Hour.Numbers;
        public bool IsRhythm => !Minute.IsWrittenOut || !Hour.IsWrittenOut;

        public bool Names(DateTime local)
        {
            var (date, weekday) = (Date.Numbers.Contains(local.Day), Weekday.Numbers.Contains((int)local.DayOfWeek));
            return Minute.Numbers.Contains(local.Minute) && Hour.Numbers.Contains(local.Hour) && Month.Numbers.Contains(local.Month)
                && (Date.IsAny || Weekday.IsAny ? date && weekday : date || weekday);
        }

        public override string ToString() => $"'{Text}' in {Zone} from {Start:O} for {Days} days";
    }
}
