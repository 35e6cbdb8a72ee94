using System.Buffers.Binary;
using Platform.Processing.Submissions;

namespace Platform.Processing.Schedules;

/// <summary>What a schedule that is due starts, and what it leaves out. Pure: the same row at the same time says the same.</summary>
/// <param name="Starts">The planned times that get a job, in order.</param>
/// <param name="LastSkipped">The latest planned time that gets none; null for none.</param>
internal sealed record DueRuns(IReadOnlyList<DateTimeOffset> Starts, DateTimeOffset? LastSkipped)
{
    /// <summary>Most runs that are made up at once.</summary>
    public const int Most = 100;

    /// <summary>A run that is late by less was not missed: an instance started again, or had much to do.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <param name="schedule">One whose next run is due.</param>
    /// <param name="now">The database's time.</param>
    public static DueRuns Of(Schedule schedule, DateTimeOffset now)
    {
        var planned = Latest(schedule, now);
        var starts = schedule.Settings.Missed switch
        {
            Missed.Skip => planned.Where(t => now - t < Grace).ToArray(),
            Missed.Latest => planned.TakeLast(1).ToArray(),
            _ => planned.TakeLast(Most).ToArray(),
        };
        DateTimeOffset[] skipped = [.. planned.Except(starts)];
        return new(starts, skipped.Length > 0 ? skipped[^1] : null);
    }

    /// <summary>The same, where the job before has not ended and must not be joined by another.</summary>
    public DueRuns WithoutOverlap(bool isBusy) => (isBusy, Starts.Count) switch
    {
        (true, > 0) => new([], Starts[^1]),
        (false, > 1) => new([Starts[^1]], Starts[^2]),
        _ => this,
    };

    /// <summary>The same run of the same schedule is the same job, whoever starts it and however often.</summary>
    public static Guid JobId(Guid schedule, DateTimeOffset at)
    {
        Span<byte> time = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds() << 16);
        return Submission.IdOf(new Guid(time, bigEndian: true), schedule);
    }

    /// <summary>The latest planned times up to now, one more than <see cref="Most"/> where there are so many; looked for backwards, since a beat may have been missed for a year.</summary>
    private static List<DateTimeOffset> Latest(Schedule schedule, DateTimeOffset now)
    {
        var first = schedule.NextAt!.Value;
        for (var window = TimeSpan.FromHours(2); ; window *= 8)
        {
            var from = now - first > window ? now - window : first;
            var times = schedule.Settings.Upcoming(from.AddTicks(-1)).TakeWhile(t => t <= now).ToList();
            if (times.Count > Most || from == first)
            {
                return times.Count > Most ? times[^(Most + 1)..] : times;
            }
        }
    }
}
