using System.Text.Json;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>What went wrong with a job, in the order of time.</summary>
internal sealed class JobFailures
{
    /// <summary>Token of the row that says why a job is held: no attempt was made, so none failed.</summary>
    public const long Held = 0;

    /// <summary>A column for a row of <c>job j</c>: its failures as JSON, null where there is none.</summary>
    /// <param name="id">Of the job.</param>
    public static string Column(string id) => $"""
        (SELECT json_agg(json_build_object('attempt', f.attempt, 'at', f.at AT TIME ZONE 'UTC', 'error', f.error, 'started_at', f.started_at AT TIME ZONE 'UTC',
            'duration_ms', f.duration_ms, 'held', f.token = 0) ORDER BY f.at, f.attempt)
         FROM processing.job_failure f WHERE f.tenant_id = j.tenant_id AND f.id = {id})
        """;

    public static readonly JobFailures None = new([]);

    private readonly IReadOnlyList<Failure> _all;

    private JobFailures(IReadOnlyList<Failure> all)
    {
        _all = all;
        Json = all.Any(f => !f.IsHeld) ? JsonBytes.Write(WriteTo) : "[]"u8.ToArray();
    }

    /// <summary>A JSON list of <c>{attempt, at, error}</c>.</summary>
    public byte[] Json { get; }

    /// <summary>The last one; null for none.</summary>
    public string? Error => _all.Count == 0 ? null : _all[^1].Error;

    public static JobFailures Read(byte[] column)
    {
        using var document = JsonDocument.Parse(column);
        return new([.. document.RootElement.EnumerateArray().Select(f => new Failure(
            f.GetProperty("attempt").GetInt32(), Time(f.GetProperty("at"))!.Value, f.GetProperty("error").GetString()!, Time(f.GetProperty("started_at")),
            f.GetProperty("duration_ms") is { ValueKind: JsonValueKind.Number } milliseconds ? milliseconds.GetDouble() : null,
            f.GetProperty("held").GetBoolean()))]);
    }

    /// <summary>The last failed attempt of a job that has come this far; null where it has failed in an earlier life alone, before it was started over.</summary>
    /// <param name="attempt">The attempts made, the running one included.</param>
    public Failure? LastOf(int attempt, bool isRunning) =>
        _all.LastOrDefault(f => !f.IsHeld) is { } last && last.Attempt <= (isRunning ? attempt - 1 : attempt) ? last : null;

    private void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var failure in _all.Where(f => !f.IsHeld))
        {
            json.WriteStartObject();
            json.WriteNumber("attempt", failure.Attempt);
            json.WriteString("at", Rfc3339.Format(failure.At));
            json.WriteString("error", failure.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>PostgreSQL writes a time of UTC into JSON without saying so.</summary>
    private static DateTimeOffset? Time(JsonElement time) =>
        time.ValueKind == JsonValueKind.Null ? null : new(DateTime.SpecifyKind(time.GetDateTime(), DateTimeKind.Unspecified), TimeSpan.Zero);

    internal sealed record Failure(int Attempt, DateTimeOffset At, string Error, DateTimeOffset? StartedAt, double? DurationMs, bool IsHeld);
}
