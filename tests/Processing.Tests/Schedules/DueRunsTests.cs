using System.Diagnostics;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.Processing.Schedules;

namespace Platform.Processing.Tests.Schedules;

/// <summary>What a schedule makes up for after a while in which nobody looked.</summary>
public sealed class DueRunsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Missed.Skip, "12:00", null)]
    [InlineData(Missed.Latest, "12:00", null)]
    [InlineData(Missed.All, "12:00", null)]
    public void In_time_there_is_one(string missed, string starts, string? skipped) => Check(missed, Noon, Noon.AddMilliseconds(300), starts, skipped);

    [Theory]
    [InlineData(Missed.Skip, "", "12:50")]
    [InlineData(Missed.Latest, "12:50", "12:40")]
    [InlineData(Missed.All, "12:00,12:10,12:20,12:30,12:40,12:50", null)]
    public void After_an_hour(string missed, string starts, string? skipped) => Check(missed, Noon, Noon.AddMinutes(55), starts, skipped);

    [Theory]
    [InlineData(Missed.Skip, "12:30", "12:20")]
    [InlineData(Missed.Latest, "12:30", "12:20")]
    public void The_last_one_is_not_missed_yet(string missed, string starts, string? skipped) => Check(missed, Noon, Noon.AddMinutes(30.9), starts, skipped);

    [Fact]
    public void A_year_of_minutes_is_bounded_and_quick()
    {
        var started = Stopwatch.GetTimestamp();
        var runs = DueRuns.Of(New(Missed.All, Noon.AddYears(-1)) with { Settings = Settings(Missed.All) with { Cron = "* * * * *" } }, Noon);
        Assert.Equal(DueRuns.Most, runs.Starts.Count);
        Assert.Equal(Noon, runs.Starts[^1]);
        Assert.Equal(Noon.AddMinutes(-DueRuns.Most), runs.LastSkipped);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_rare_run_is_found_a_year_later()
    {
        var schedule = New(Missed.Latest, Noon.AddDays(-300)) with { Settings = Settings(Missed.Latest) with { Cron = "0 12 5 8 *" } };
        Assert.Equal([new DateTimeOffset(2025, 8, 5, 12, 0, 0, TimeSpan.Zero)], DueRuns.Of(schedule, Noon).Starts);
    }

    [Fact]
    public void Nothing_starts_after_the_end()
    {
        var schedule = New(Missed.All, Noon) with { Settings = Settings(Missed.All) with { EndsAt = Noon.AddMinutes(20) } };
        Assert.Equal("12:00,12:10,12:20", Text(DueRuns.Of(schedule, Noon.AddHours(3)).Starts));
        Assert.Null(schedule.Settings.Next(Noon.AddMinutes(20)));
    }

    [Fact]
    public void Nothing_starts_before_the_start()
    {
        var settings = Settings(Missed.All) with { StartsAt = Noon.AddDays(1) };
        Assert.Equal(Noon.AddDays(1), settings.Next(Noon));
    }

    [Fact]
    public void Without_overlap_there_is_at_most_one()
    {
        var three = new DueRuns([Noon, Noon.AddMinutes(1), Noon.AddMinutes(2)], null);
        Assert.Equal([Noon.AddMinutes(2)], three.WithoutOverlap(isBusy: false).Starts);
        Assert.Equal(Noon.AddMinutes(1), three.WithoutOverlap(isBusy: false).LastSkipped);
        Assert.Empty(three.WithoutOverlap(isBusy: true).Starts);
        Assert.Equal(Noon.AddMinutes(2), three.WithoutOverlap(isBusy: true).LastSkipped);
        var one = new DueRuns([Noon], Noon.AddMinutes(-1));
        Assert.Equal(one, one.WithoutOverlap(isBusy: false));
    }

    [Fact]
    public void A_run_has_one_job_id_in_the_order_of_time()
    {
        var (first, other) = (TypeId.New(TimeProvider.System), TypeId.New(TimeProvider.System));
        Assert.Equal(DueRuns.JobId(first, Noon), DueRuns.JobId(first, Noon));
        Assert.NotEqual(DueRuns.JobId(first, Noon), DueRuns.JobId(other, Noon));
        Assert.True(DueRuns.JobId(first, Noon).CompareTo(DueRuns.JobId(other, Noon.AddMinutes(1))) < 0);
        Assert.Equal(DueRuns.JobId(first, Noon).ToString()[..13], Guid.CreateVersion7(Noon).ToString()[..13]);
    }

    private static void Check(string missed, DateTimeOffset next, DateTimeOffset now, string starts, string? skipped)
    {
        var runs = DueRuns.Of(New(missed, next), now);
        Assert.Equal(starts, Text(runs.Starts));
        Assert.Equal(skipped, runs.LastSkipped is { } last ? Text([last]) : null);
    }

    private static string Text(IEnumerable<DateTimeOffset> times) => string.Join(',', times.Select(t => t.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)));

    private static ScheduleSettings Settings(string missed) =>
        new("s", "*/10 * * * *", "UTC", new JobTemplate("noop", "default", "{}"u8.ToArray(), 0, 30, 25), missed, Overlap.Allow, false, null, null);

    private static Schedule New(string missed, DateTimeOffset next) => new(Guid.Empty, Settings(missed), null, 1, next, next, next);
}
