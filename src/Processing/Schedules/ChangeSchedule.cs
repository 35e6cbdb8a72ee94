using Platform.Contracts.Identifiers;
using Platform.Processing.Types;
using Platform.Processing.Versioned;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary>
/// <c>POST /v1/schedules {name, cron, time_zone?, job, missed?, overlap?, paused?, starts_at?, ends_at?}</c>: 201 and <c>Location</c>. <c>PATCH</c>: a JSON merge
/// patch (RFC 7396) of the same; <c>:pause</c> and <c>:resume</c>. <c>DELETE</c>: 204; jobs that it started are left alone. Changes heed <c>If-Match</c>.
/// </summary>
internal static class ChangeSchedule
{
    public static Task<IResult> CreateAsync(HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock) =>
        VersionedWrites.CreateAsync(http, database, fields => ScheduleInput.Read(fields, types, http.Principal()), settings =>
        {
            var now = Rfc3339.Now(clock);
            return new Schedule(TypeId.New(clock), settings, http.Principal().KeyId, 1, now, now, Schedule.Plan(settings, now));
        });

    public static Task<IResult> PatchAsync(string id, HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock) =>
        VersionedWrites.PatchAsync<Schedule, ScheduleSettings>(
            id, http, database, ScheduleInput.FieldNames, fields => ScheduleInput.Read(fields, types, http.Principal()),
            (current, settings) => Next(current, settings, clock) with { SubmittedBy = http.Principal().KeyId });

    public static Task<IResult> PauseAsync(string id, HttpContext http, ProcessingDatabase database, TimeProvider clock) =>
        VersionedWrites.ChangeAsync<Schedule>(id, http, database, default, current => (Next(current, current.Settings with { Paused = true }, clock), null));

    public static Task<IResult> ResumeAsync(string id, HttpContext http, ProcessingDatabase database, TimeProvider clock) =>
        VersionedWrites.ChangeAsync<Schedule>(id, http, database, default, current => (Next(current, current.Settings with { Paused = false }, clock), null));

    public static Task<IResult> DeleteAsync(string id, HttpContext http, ProcessingDatabase database) => VersionedWrites.DeleteAsync<Schedule>(id, http, database);

    /// <summary>A run that is due and not started yet stays due, unless the plan itself is another.</summary>
    private static Schedule Next(Schedule current, ScheduleSettings settings, TimeProvider clock)
    {
        static object PlanOf(ScheduleSettings s) => (s.Cron, s.TimeZone, s.Paused, s.StartsAt, s.EndsAt);
        var now = Rfc3339.Now(clock);
        return current with
        {
            Settings = settings,
            Version = current.Version + 1,
            UpdatedAt = now > current.UpdatedAt ? now : current.UpdatedAt,
            NextAt = PlanOf(current.Settings).Equals(PlanOf(settings)) ? current.NextAt : Schedule.Plan(settings, now),
        };
    }
}
