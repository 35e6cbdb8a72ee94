using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary><c>GET /v1/schedules</c>, in order of creation; <c>GET /v1/schedules/{id}</c>; <c>GET /v1/schedules/{id}/next?count=</c>.</summary>
internal static class ReadSchedules
{
    public const int MaxCount = 100;
    public const int DefaultCount = 10;
    private const string ListName = "schedules";

    public static async Task<IResult> GetAsync(string id, HttpContext http, ProcessingDatabase database) =>
        await FindAsync(id, http, database) is { } schedule
            ? JsonAnswer.Ok(schedule.ToJson()) with { EntityTag = ETag.Of(schedule.Version) }
            : Schedule.NotFound();

    public static async Task<IResult> ListAsync(HttpContext http, ProcessingDatabase database)
    {
        var (page, invalid) = Page.Read(http, ListName, parts: 1);
        var after = Guid.Empty;
        if (invalid is null && page.After is { } parts && !Schedule.TryId(parts[0], out after))
        {
            invalid = KnownProblems.InvalidCursor();
        }

        if (invalid is not null)
        {
            return invalid;
        }

        var schedules = await ScheduleRows.SelectAsync(database, http.Principal().TenantId, "id > $2", after, page.Limit + 1, http.RequestAborted);
        return FieldSelection.List(schedules, page.Limit, (s, json) => s.WriteTo(json), s => Page.Encode(ListName, s.PublicId));
    }

    /// <summary>The coming runs, also those of a paused schedule, were it resumed now.</summary>
    public static async Task<IResult> NextAsync(string id, HttpContext http, ProcessingDatabase database, TimeProvider clock)
    {
        var count = DefaultCount;
        if (http.Request.Query.TryGetValue("count", out var text) && (!int.TryParse(text, out count) || count is < 1 or > MaxCount))
        {
            return KnownProblems.Validation("count", "out_of_range", $"'count' must be a number from 1 to {MaxCount}.");
        }

        if (await FindAsync(id, http, database) is not { } schedule)
        {
            return Schedule.NotFound();
        }

        return JsonAnswer.Ok(JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("time_zone", schedule.Settings.TimeZone);
            json.WriteStartArray("data");
            foreach (var at in schedule.Settings.Upcoming(clock.GetUtcNow()).Take(count))
            {
                json.WriteStartObject();
                json.WriteString("at", Rfc3339.Format(at));
                json.WriteString("local", schedule.Settings.Local(at));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static async Task<Schedule?> FindAsync(string id, HttpContext http, ProcessingDatabase database) =>
        Schedule.TryId(id, out var key)
            ? (await ScheduleRows.SelectAsync(database, http.Principal().TenantId, "id = $2", key, 1, http.RequestAborted)).SingleOrDefault()
            : null;
}
