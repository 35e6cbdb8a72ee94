using System.Text.Json;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary>
/// <c>PATCH /v1/schedules/{id}</c>: a JSON merge patch (RFC 7396) of what can be set on creation; <c>:pause</c> and <c>:resume</c>. All heed
/// <c>If-Match</c>.
/// </summary>
internal static class ChangeSchedule
{
    public static async Task<IResult> PatchAsync(string id, HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http, "application/merge-patch+json", "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            foreach (var name in ScheduleInput.FieldNames)
            {
                body.Fields.OptionalValue(name);
            }

            return body.Fields.Problem ?? await RunAsync(id, http, database, clock, body.Root, current => Apply(current, body.Root, types, http.Principal()), http.Principal().KeyId);
        }
    }

    public static Task<IResult> PauseAsync(string id, HttpContext http, ProcessingDatabase database, TimeProvider clock) =>
        RunAsync(id, http, database, clock, default, current => (current.Settings with { Paused = true }, null));

    public static Task<IResult> ResumeAsync(string id, HttpContext http, ProcessingDatabase database, TimeProvider clock) =>
        RunAsync(id, http, database, clock, default, current => (current.Settings with { Paused = false }, null));

    /// <summary>The result is read like a new schedule, so that a patch cannot make what creation would refuse.</summary>
    private static (ScheduleSettings? Next, Problem? Problem) Apply(Schedule current, JsonElement patch, JobTypes types, Principal caller)
    {
        using var merged = JsonDocument.Parse(MergePatch.Apply(current.SettingsJson(), patch));
        var fields = new JsonFields(merged.RootElement);
        var settings = ScheduleInput.Read(fields, types, caller);
        return fields.Problem is { } invalid ? (null, invalid) : (settings, null);
    }

    private static async Task<IResult> RunAsync(
        string id, HttpContext http, ProcessingDatabase database, TimeProvider clock, JsonElement body,
        Func<Schedule, (ScheduleSettings? Next, Problem? Problem)> change, Guid? submittedBy = null)
    {
        if (!Schedule.TryId(id, out var key))
        {
            return Schedule.NotFound();
        }

        var (versions, badTag) = ETag.IfMatch(http);
        var (write, badKey) = WriteRequest.Of(http, body);
        if ((badTag ?? badKey) is { } bad)
        {
            return bad;
        }

        return await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            if (await ScheduleRows.LockAsync(transaction, key, http.RequestAborted) is not { } current)
            {
                return Schedule.NotFound();
            }

            if (versions is not null && !versions.Contains(current.Version))
            {
                return KnownProblems.VersionMismatch(current.Version);
            }

            var (settings, refused) = change(current);
            if (settings is null)
            {
                return refused!;
            }

            var next = Next(current, settings, submittedBy ?? current.SubmittedBy, Rfc3339.Now(clock));
            transaction.Add(ScheduleRows.Update(write.Tenant, next));
            return JsonAnswer.Ok(next.ToJson()) with { EntityTag = ETag.Of(next.Version) };
        }, http.RequestAborted);
    }

    /// <summary>A run that is due and not started yet stays due, unless the plan itself is another.</summary>
    private static Schedule Next(Schedule current, ScheduleSettings settings, Guid? submittedBy, DateTimeOffset now)
    {
        static object PlanOf(ScheduleSettings s) => (s.Cron, s.TimeZone, s.Paused, s.StartsAt, s.EndsAt);
        return current with
        {
            Settings = settings,
            SubmittedBy = submittedBy,
            Version = current.Version + 1,
            UpdatedAt = now > current.UpdatedAt ? now : current.UpdatedAt,
            NextAt = PlanOf(current.Settings).Equals(PlanOf(settings)) ? current.NextAt : Schedule.Plan(settings, now),
        };
    }
}
