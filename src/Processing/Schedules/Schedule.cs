using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.Processing.Schedules.Cron;
using Platform.Processing.Versioned;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Schedules;

/// <summary>What is made up for when runs were missed: nobody was there to start them.</summary>
internal static class Missed
{
    /// <summary>Nothing; the next run is the next one planned.</summary>
    public const string Skip = "skip";

    /// <summary>The latest of them.</summary>
    public const string Latest = "latest";

    /// <summary>All of them, the latest <see cref="DueRuns.Most"/> at most.</summary>
    public const string All = "all";

    public static IReadOnlyList<string> Values { get; } = [Skip, Latest, All];
}

/// <summary>What happens when a run is due and the job before has not ended.</summary>
internal static class Overlap
{
    public const string Allow = "allow";
    public const string Skip = "skip";

    public static IReadOnlyList<string> Values { get; } = [Allow, Skip];
}

/// <summary>What a caller can set of a schedule.</summary>
internal sealed record ScheduleSettings(
    string Name, string Cron, string TimeZone, JobTemplate Job, string Missed, string Overlap, bool Paused, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt)
{
    /// <summary>When it is due. Both texts were checked when they were set.</summary>
    /// <returns>Null where this machine does not know the zone any more.</returns>
    public CronTimes? Times() => ZoneCalendar.Find(TimeZone) is { } zone && CronParser.Parse(Cron).Expression is { } cron ? new(cron, zone) : null;

    /// <summary>A time as clocks of the zone show it, with its offset.</summary>
    public string Local(DateTimeOffset at) => at.ToOffset(ZoneCalendar.Find(TimeZone)?.At(at.UtcDateTime).Offset ?? TimeSpan.Zero)
        .ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The first run after a time, within its bounds; null when none follows.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => Upcoming(after).Select(t => (DateTimeOffset?)t).FirstOrDefault();

    /// <summary>The runs after a time, within its bounds, whether it is paused or not.</summary>
    public IEnumerable<DateTimeOffset> Upcoming(DateTimeOffset after)
    {
        // A run at its very start counts.
        var from = StartsAt > after ? StartsAt.Value.AddTicks(-1) : after;
        return Times()?.Between(from, EndsAt ?? DateTimeOffset.MaxValue) ?? [];
    }
}

/// <summary>A schedule as the API shows it.</summary>
/// <param name="SubmittedBy">The API key on whose behalf its jobs run: the last one that set it.</param>
/// <param name="NextAt">When the next run is due; null where none is.</param>
internal sealed record Schedule(
    Guid Id, ScheduleSettings Settings, Guid? SubmittedBy, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? NextAt,
    DateTimeOffset? LastAt = null, DateTimeOffset? LastSkippedAt = null, Guid? LastJobId = null)
    : IVersioned<Schedule>
{
    public static string Table => "processing.schedule";

    public string PublicId => TypeId.Format(IdPrefix.Schedule, Id);

    public string Location => "/v1/schedules/" + PublicId;

    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Schedule, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("schedule");

    /// <summary>The next run, were it left alone from now on.</summary>
    public static DateTimeOffset? Plan(ScheduleSettings settings, DateTimeOffset now) => settings.Paused ? null : settings.Next(now);

    public static NpgsqlBatchCommand Insert(Guid tenant, Schedule created) => ScheduleRows.Insert(tenant, created);

    public static NpgsqlBatchCommand Update(Guid tenant, Schedule changed) => ScheduleRows.Update(tenant, changed);

    public static Task<Schedule?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        ScheduleRows.LockAsync(transaction, id, cancellationToken);

    public byte[] ToJson() => JsonBytes.Write(WriteTo);

    /// <summary>What a caller can set, as it could have been sent.</summary>
    public byte[] SettingsJson() => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        WriteSettings(json);
        json.WriteEndObject();
    });

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", PublicId);
        WriteSettings(json);
        WriteTime(json, "next_run_at", NextAt);
        WriteTime(json, "last_run_at", LastAt);
        WriteTime(json, "last_skipped_at", LastSkippedAt);
        json.WriteString("last_job_id", LastJobId is { } job ? TypeId.Format(IdPrefix.Job, job) : null);
        json.WriteNumber("version", Version);
        WriteTime(json, "created_at", CreatedAt);
        WriteTime(json, "updated_at", UpdatedAt);
        json.WriteEndObject();
    }

    private void WriteSettings(Utf8JsonWriter json)
    {
        json.WriteString("name", Settings.Name);
        json.WriteString("cron", Settings.Cron);
        json.WriteString("time_zone", Settings.TimeZone);
        json.WritePropertyName("job");
        JobTemplate.Write(json, Settings.Job);
        json.WriteString("missed", Settings.Missed);
        json.WriteString("overlap", Settings.Overlap);
        json.WriteBoolean("paused", Settings.Paused);
        WriteTime(json, "starts_at", Settings.StartsAt);
        WriteTime(json, "ends_at", Settings.EndsAt);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time) =>
        json.WriteString(name, time is { } t ? Rfc3339.Format(t) : null);
}
