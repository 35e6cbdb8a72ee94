using Platform.Contracts.Identifiers;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary><c>POST /v1/schedules {name, cron, time_zone?, job, missed?, overlap?, paused?, starts_at?, ends_at?}</c>: 201 and <c>Location</c>.</summary>
internal static class CreateSchedule
{
    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var settings = ScheduleInput.Read(body.Fields, types, http.Principal());
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var now = Rfc3339.Now(clock);
            var schedule = new Schedule(TypeId.New(clock), settings!, http.Principal().KeyId, 1, now, now, Schedule.Plan(settings!, now));
            var answer = JsonAnswer.Created("/v1/schedules/" + schedule.PublicId, schedule.ToJson()) with { EntityTag = ETag.Of(schedule.Version) };
            return await Writes.ExecuteAsync(
                database, write, answer, batch => batch.BatchCommands.Add(ScheduleRows.Insert(write.Tenant, schedule)), http.RequestAborted);
        }
    }
}
