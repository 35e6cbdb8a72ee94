using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Analytics.Usage;

/// <summary>A question about usage, checked.</summary>
/// <param name="From">First minute, inclusive.</param>
/// <param name="To">Last minute, exclusive.</param>
internal sealed record UsageRequest(UsageInterval Interval, string Dimension, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>How long minutes are kept; older edges are known by the hour.</summary>
    public static readonly TimeSpan MinuteRetention = TimeSpan.FromDays(35);

    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(24);

    /// <summary>Reads the query; the faults of all parameters in one answer.</summary>
    public static (UsageRequest? Request, Problem? Problem) Read(IQueryCollection query, DateTimeOffset now)
    {
        var errors = new List<InputError>();
        var interval = UsageInterval.Hour;
        if (query.TryGetValue("interval", out var name) && UsageInterval.Find(name.ToString()) is not { } found)
        {
            errors.Add(new("interval", "invalid_value", "'interval' must be one of minute, hour, day."));
        }
        else if (name.Count > 0)
        {
            interval = UsageInterval.Find(name.ToString())!;
        }

        var dimension = query.TryGetValue("group_by", out var group) ? group.ToString() : Usage.Dimension.Type;
        if (!Usage.Dimension.All.Contains(dimension))
        {
            errors.Add(new("group_by", "invalid_value", $"'group_by' must be one of {string.Join(", ", Usage.Dimension.All)}."));
        }

        var to = ReadTime(query, "to", errors) ?? now;
        var from = ReadTime(query, "from", errors) ?? (to - DateTimeOffset.MinValue > DefaultRange ? to - DefaultRange : DateTimeOffset.MinValue);
        if (errors.Count == 0 && from > to)
        {
            errors.Add(new("from", "invalid_range", query.ContainsKey("to") ? "'from' must not be after 'to'." : "'from' must not be in the future."));
        }
        else if (errors.Count == 0 && to - from > interval.MaxRange)
        {
            errors.Add(new("from", "range_too_long", $"With interval '{interval.Name}' the range may be {interval.MaxRangeText} long."));
        }

        return errors.Count > 0
            ? (null, KnownProblems.Validation(errors))
            : (new UsageRequest(interval, dimension, from, to).Align(now), null);
    }

    /// <summary>Whole minutes; whole hours where the minutes are gone.</summary>
    private UsageRequest Align(DateTimeOffset now)
    {
        var minutesFrom = now - MinuteRetention;
        return this with
        {
            From = UsageInterval.Floor(From, From < minutesFrom ? TimeSpan.TicksPerHour : TimeSpan.TicksPerMinute),
            To = UsageInterval.Ceiling(To, To < minutesFrom ? TimeSpan.TicksPerHour : TimeSpan.TicksPerMinute),
        };
    }

    private static DateTimeOffset? ReadTime(IQueryCollection query, string name, List<InputError> errors)
    {
        if (!query.TryGetValue(name, out var text))
        {
            return null;
        }

        // A '+' that was not escaped arrives as a space.
        if (!Rfc3339.TryParse(text.ToString().Replace(' ', '+'), out var time))
        {
            errors.Add(new(name, "invalid_time", $"'{name}' must be an RFC 3339 time such as 2026-01-31T12:00:00Z."));
            return null;
        }

        if (time.Year is < 2000 or > 9998)
        {
            errors.Add(new(name, "out_of_range", $"'{name}' must be between the years 2000 and 9998."));
            return null;
        }

        return time;
    }
}

/// <summary>The width of a bucket, and the longest range that may be cut into such buckets.</summary>
internal sealed record UsageInterval(string Name, TimeSpan Width, TimeSpan MaxRange, string MaxRangeText)
{
    public static readonly UsageInterval Minute = new("minute", TimeSpan.FromMinutes(1), TimeSpan.FromHours(24), "24 hours");
    public static readonly UsageInterval Hour = new("hour", TimeSpan.FromHours(1), TimeSpan.FromDays(31), "31 days");
    public static readonly UsageInterval Day = new("day", TimeSpan.FromDays(1), TimeSpan.FromDays(400), "400 days");

    public static UsageInterval? Find(string name) => name switch
    {
        "minute" => Minute,
        "hour" => Hour,
        "day" => Day,
        _ => null,
    };

    public static DateTimeOffset Floor(DateTimeOffset time, long ticks) => new(time.UtcTicks - (time.UtcTicks % ticks), TimeSpan.Zero);

    public static DateTimeOffset Ceiling(DateTimeOffset time, long ticks) => Floor(time.AddTicks(ticks - 1), ticks);
}
