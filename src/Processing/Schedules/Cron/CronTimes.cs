namespace Platform.Processing.Schedules.Cron;

/// <summary>
/// A cron expression in a time zone. Where the clock is put forward, a time that is left out runs when the clock goes on, once for all that is left out,
/// unless every hour is named: its beat goes on by itself. Where the clock is put back, times that are written out run the first time, a beat both times.
/// </summary>
internal sealed record CronTimes(CronExpression Cron, ZoneCalendar Zone)
{
    /// <summary>The first time after <paramref name="after"/>; null when there is none for a hundred years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var at = after.UtcDateTime;
        at = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute)).AddMinutes(1);
        var last = Math.Min(at.Year + CronExpression.Horizon, DateTime.MaxValue.Year - 2);
        while (at.Year <= last)
        {
            var stretch = Zone.At(at);
            if (at == stretch.Start && LeavesOutARun(stretch))
            {
                return Utc(at);
            }

            var local = Cron.NextLocal(FirstOf(stretch, at));
            if (local is null)
            {
                return null;
            }

            if (local.Value - stretch.Offset < stretch.End)
            {
                return Utc(local.Value - stretch.Offset);
            }

            at = stretch.End;
        }

        return null;
    }

    /// <summary>The times after <paramref name="after"/> up to <paramref name="until"/>, in order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var at = Next(after); at <= until; at = Next(at.Value))
        {
            yield return at.Value;
        }
    }

    private static DateTimeOffset Utc(DateTime at) => new(at.Ticks, TimeSpan.Zero);

    private bool LeavesOutARun(Stretch stretch) =>
        stretch.Offset > stretch.Before && !Cron.IsEveryHour && Cron.NextLocal(stretch.Start + stretch.Before) < stretch.Start + stretch.Offset;

    /// <summary>From where on, in local time, the stretch has runs: written-out times not before what the stretch before has shown already.</summary>
    private DateTime FirstOf(Stretch stretch, DateTime at)
    {
        var (local, shown) = (at + stretch.Offset, stretch.Start + stretch.Before);
        return !Cron.IsRhythm && stretch.Before > stretch.Offset && shown > local ? shown : local;
    }
}
