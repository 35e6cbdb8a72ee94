using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Schedules;

/// <summary>The routes of schedules, for the document.</summary>
internal static class SchedulesDescriptions
{
    private static readonly Schema Name = Schema.Text("For people.", ScheduleInput.MaxName, 1);
    private static readonly Schema Cron = Schema.Text(
        "When: minute, hour, day of the month, month, weekday. `*`, ranges, steps, lists and names; `L`, `L-3`, `5L`, `5#2`; `@hourly` and its kind.", ScheduleInput.MaxCron, 1);
    private static readonly Schema Zone = Schema.Text("The zone of the IANA database that it is read in.", ScheduleInput.MaxZone, 1);
    private static readonly Schema MissedRuns = Schema.OneOf("What is made up after nobody was there: `skip` nothing, the `latest` run, or `all`, a hundred at most.", Missed.Values);
    private static readonly Schema Overlaps = Schema.OneOf("Whether a run starts while the job before has not ended.", Overlap.Values);
    private static readonly Schema Paused = Schema.Flag("It starts nothing, and makes nothing up once it is resumed.");
    private static readonly Schema StartsAt = Schema.Time("No run before.");
    private static readonly Schema EndsAt = Schema.Time("No run after.");

    private static readonly Schema Schedule = Schema.Object("Schedule", "Starts a job at times of the calendar.",
        ("id", Schema.Id(IdPrefix.Schedule, "Its id.")),
        ("name", Name),
        ("cron", Cron),
        ("time_zone", Zone),
        ("job", JobTemplateSchema.Shown),
        ("missed", MissedRuns),
        ("overlap", Overlaps),
        ("paused", Paused),
        ("starts_at", StartsAt.OrNull()),
        ("ends_at", EndsAt.OrNull()),
        ("next_run_at", Schema.Time("When the next run is due; null for none.").OrNull()),
        ("last_run_at", Schema.Time("When the last run that started a job was planned; null before the first.").OrNull()),
        ("last_skipped_at", Schema.Time("When the last run that was left out was planned; null for none.").OrNull()),
        ("last_job_id", Schema.Id(IdPrefix.Job, "The last job that it started; null before the first.").OrNull()),
        ("version", Schema.Whole("Counts what was set; also the entity tag.", 1, Schema.MaxWhole)),
        ("created_at", Schema.Time("When it was made.")),
        ("updated_at", Schema.Time("When it was last set.")))
        .Such("""
            {"id": "sch_01jk2m3n4p5q6r7s8t9v0w1x2y", "name": "Nightly report", "cron": "30 2 * * *", "time_zone": "Europe/Berlin",
             "job": {"type": "http.request", "queue": "default", "payload": {"method": "POST", "url": "https://example.com/report"}, "priority": 0, "timeout": 30, "max_attempts": 25},
             "missed": "latest", "overlap": "skip", "paused": false, "starts_at": null, "ends_at": null, "next_run_at": "2026-02-01T01:30:00Z",
             "last_run_at": "2026-01-31T01:30:00Z", "last_skipped_at": null, "last_job_id": "job_01jk2m3n4p5q6r7s8t9v0w1x2y", "version": 1,
             "created_at": "2026-01-30T12:00:00Z", "updated_at": "2026-01-30T12:00:00Z"}
            """);

    private static readonly Schema NewSchedule = Schema.Input("NewSchedule", "A schedule that is to be made.",
        ("name", Name),
        ("cron", Cron),
        ("time_zone?", Zone.With("default", "UTC")),
        ("job", JobTemplateSchema.Given),
        ("missed?", MissedRuns.With("default", Missed.Latest)),
        ("overlap?", Overlaps.With("default", Overlap.Allow)),
        ("paused?", Paused.With("default", false)),
        ("starts_at?", StartsAt),
        ("ends_at?", EndsAt))
        .Such("""
            {"name": "Nightly report", "cron": "30 2 * * *", "time_zone": "Europe/Berlin", "overlap": "skip",
             "job": {"type": "http.request", "payload": {"method": "POST", "url": "https://example.com/report"}}}
            """);

    private static readonly Schema SchedulePatch = NewSchedule.Patch("SchedulePatch", "What is to be changed of a schedule.").Such("""{"cron": "0 3 * * MON-FRI"}""");

    private static readonly Schema Times = Schema.Object("ScheduleTimes", "The coming runs.",
        ("time_zone", Zone),
        ("data", Schema.ListOf(Schema.Object(null, "A run.", ("at", Schema.Time("When.")), ("local", Schema.Time("The same in the schedule's zone."))), "In order.", ReadSchedules.MaxCount)))
        .Such("""{"time_zone": "Europe/Berlin", "data": [{"at": "2026-02-01T01:30:00Z", "local": "2026-02-01T02:30:00+01:00"}]}""");

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Schedule, "The schedule."));

    public static readonly Operation Create = new("createSchedule", Tags.Schedules, "Make a schedule")
    {
        Description = "Each run starts one job, within a second of its time, however many instances there are and whatever becomes of them. Where the clock is put forward, a time that is left out runs when the clock goes on; where it is put back, a written-out time runs once and a beat such as `*/10` each time.",
        Body = new(NewSchedule),
        Answers = [Answer.Created(Schedule, "The schedule.") with { HasETag = true }],
        InputCodes = ["invalid_cron", "unknown_time_zone", "unknown_job_type"],
    };

    public static readonly Operation List = new("listSchedules", Tags.Schedules, "List schedules")
    {
        Description = "In order of creation.",
        Parameters = Parameter.Page,
        Answers = [Answer.Ok(Schema.PageOf(Schedule), "A page.")],
    };

    public static readonly Operation Get = new("getSchedule", Tags.Schedules, "Get a schedule")
    {
        Description = "The schedule as it is now.",
        Parameters = [Id],
        Answers = [Answer.Ok(Schedule, "The schedule.") with { HasETag = true }],
        Errors = [Schedules.Schedule.NotFound()],
    };

    public static readonly Operation Patch = new("patchSchedule", Tags.Schedules, "Change a schedule")
    {
        Description = "A merge patch (RFC 7396). The result has to be what a new schedule could be. Its jobs run on behalf of the key that changed it last.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = RequestBody.MergePatch(SchedulePatch),
        Answers = [Answer.Ok(Schedule, "The schedule as it is now.") with { HasETag = true }],
        Errors = [Schedules.Schedule.NotFound()],
        InputCodes = ["invalid_cron", "unknown_time_zone", "unknown_job_type"],
    };

    public static readonly Operation Delete = new("deleteSchedule", Tags.Schedules, "Delete a schedule")
    {
        Description = "Jobs that it started are left alone.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Deleted.")],
        Errors = [Schedules.Schedule.NotFound()],
    };

    public static readonly Operation Pause = new("pauseSchedule", Tags.Schedules, "Pause a schedule")
    {
        Description = "It starts nothing from now on; what it started goes on.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.Ok(Schedule, "The schedule, paused.") with { HasETag = true }],
        Errors = [Schedules.Schedule.NotFound()],
    };

    public static readonly Operation Resume = new("resumeSchedule", Tags.Schedules, "Resume a schedule")
    {
        Description = "From its next time on; runs that fell into the pause are not made up.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.Ok(Schedule, "The schedule, resumed.") with { HasETag = true }],
        Errors = [Schedules.Schedule.NotFound()],
    };

    public static readonly Operation Run = new("runSchedule", Tags.Schedules, "Run a schedule now")
    {
        Description = "Starts one job at once, also of a paused schedule and while the job before has not ended. The plan does not change.",
        Parameters = [Id],
        Answers = [Answer.Created(JobsDescriptions.Shown, "The job.")],
        Errors = [Schedules.Schedule.NotFound()],
    };

    public static readonly Operation Next = new("listScheduleTimes", Tags.Schedules, "List the coming runs of a schedule")
    {
        Description = "From now on; of a paused schedule those that would come, were it resumed now.",
        Parameters = [Id, Parameter.Query("count", Schema.Whole("How many.", 1, ReadSchedules.MaxCount).With("default", ReadSchedules.DefaultCount))],
        Answers = [Answer.Ok(Times, "The coming runs.")],
        Errors = [Schedules.Schedule.NotFound()],
    };
}
