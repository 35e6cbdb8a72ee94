using Platform.Processing.Jobs;
using Platform.Processing.Schedules.Cron;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary>The rules for what a schedule may be, the same for creating and patching.</summary>
internal static class ScheduleInput
{
    public const int MaxName = 255;
    public const int MaxCron = 255;
    public const int MaxZone = 64;

    public static readonly IReadOnlyList<string> FieldNames =
        ["name", "cron", "time_zone", "job", "missed", "overlap", "paused", "starts_at", "ends_at"];

    /// <summary>Null where the fields have a problem that leaves nothing to go on with.</summary>
    public static ScheduleSettings? Read(JsonFields fields, JobTypes types, Principal submitter)
    {
        var name = fields.RequiredString("name", MaxName);
        var cron = fields.RequiredString("cron", MaxCron);
        if (cron.Length > 0 && CronParser.Parse(cron).Fault is { } fault)
        {
            fields.Fault("cron", "invalid_cron", fault);
        }

        var zone = fields.OptionalString("time_zone", MaxZone) ?? "UTC";
        if (ZoneCalendar.Find(zone) is null)
        {
            fields.Fault("time_zone", "unknown_time_zone", $"'{zone}' is no time zone of the IANA database such as UTC, Europe/Berlin or America/New_York.");
        }

        var (starts, ends) = (fields.OptionalTime("starts_at"), fields.OptionalTime("ends_at"));
        if (ends < starts)
        {
            fields.Fault("ends_at", "invalid_value", "'ends_at' must not be before 'starts_at'.");
        }

        var missed = OneOf(fields, "missed", Missed.Values, Missed.Latest);
        var overlap = OneOf(fields, "overlap", Overlap.Values, Overlap.Allow);
        var paused = fields.OptionalBool("paused") ?? false;
        return JobTemplate.Read(fields, types, submitter) is { } job ? new(name, cron, zone, job, missed, overlap, paused, starts, ends) : null;
    }

    private static string OneOf(JsonFields fields, string name, IReadOnlyList<string> values, string otherwise)
    {
        var value = fields.OptionalString(name, 16) ?? otherwise;
        if (!values.Contains(value))
        {
            fields.Fault(name, "invalid_value", $"'{name}' is one of {string.Join(", ", values)}.");
        }

        return value;
    }
}
