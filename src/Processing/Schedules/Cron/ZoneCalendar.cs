using System.Collections.Concurrent;

namespace Platform.Processing.Schedules.Cron;

/// <summary>A time during which a zone's offset does not change; cut at the turn of the year as well.</summary>
/// <param name="Start">UTC.</param>
/// <param name="End">UTC, not included.</param>
/// <param name="Offset">Local time less UTC.</param>
/// <param name="Before">The offset until <paramref name="Start"/>: less than <paramref name="Offset"/> where local times are left out, more where they come twice.</param>
internal readonly record struct Stretch(DateTime Start, DateTime End, TimeSpan Offset, TimeSpan Before);

/// <summary>A zone's offsets from UTC, year by year. Kept, since a year is looked at over and over.</summary>
internal sealed class ZoneCalendar
{
    private const int MaxName = 64;

    // No zone changes twice within so short a time.
    private static readonly TimeSpan Step = TimeSpan.FromHours(6);
    private static readonly ConcurrentDictionary<string, ZoneCalendar> Known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Stretch[]> _years = new();
    private readonly TimeZoneInfo _zone;

    private ZoneCalendar(TimeZoneInfo zone) => _zone = zone;

    /// <summary>The zone of an IANA name, written exactly so; null where this machine does not know it.</summary>
    public static ZoneCalendar? Find(string name)
    {
        if (Known.TryGetValue(name, out var known))
        {
            return known;
        }

        // Names are files on most systems: what is not of a name's form is not looked for.
        return name.Length is > 0 and <= MaxName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+')
            && (name == "UTC" || name.Contains('/', StringComparison.Ordinal)) && !name.StartsWith('/') && !name.StartsWith("posix/", StringComparison.Ordinal)
            && !name.StartsWith("right/", StringComparison.Ordinal)
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId && zone.Id == name
            ? Known.GetOrAdd(name, new ZoneCalendar(zone))
            : null;
    }

    /// <summary>The stretch that holds a time.</summary>
    public Stretch At(DateTime utc)
    {
        foreach (var stretch in _years.GetOrAdd(utc.Year, Walk))
        {
            if (utc < stretch.End)
            {
                return stretch;
            }
        }

        throw new InvalidOperationException($"{utc} is in no stretch of its year.");
    }

    private Stretch[] Walk(int year)
    {
        var (start, end) = (new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(year + 1, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var stretches = new List<Stretch>();
        var (offset, before) = (OffsetAt(start), OffsetAt(start.AddMinutes(-1)));
        for (var at = start; at < end; at += Step)
        {
            var next = at + Step < end ? at + Step : end.AddMinutes(-1);
            if (OffsetAt(next) is var changed && changed != offset)
            {
                var change = Bisect(at, next);
                stretches.Add(new(start, change, offset, before));
                (start, before, offset) = (change, offset, changed);
            }
        }

        stretches.Add(new(start, end, offset, before));
        return [.. stretches];
    }

    private DateTime Bisect(DateTime low, DateTime high)
    {
        var offset = OffsetAt(low);
        while (high - low > TimeSpan.FromMinutes(1))
        {
            var middle = low.AddMinutes(Math.Floor((high - low).TotalMinutes / 2));
            (low, high) = OffsetAt(middle) == offset ? (middle, high) : (low, middle);
        }

        return high;
    }

    private TimeSpan OffsetAt(DateTime utc) => _zone.GetUtcOffset(utc);
}
