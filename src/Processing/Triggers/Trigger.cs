using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>What a caller can set of a trigger.</summary>
/// <param name="EventType">A pattern: <c>resource.created</c>, <c>resource.*</c> or <c>*</c>.</param>
/// <param name="Labels">A flat JSON object of strings; empty for every event of the type.</param>
internal sealed record TriggerSettings(string EventType, ReadOnlyMemory<byte> Labels, JobTemplate Job, bool Paused);

/// <summary>Starts a job for each event of a type whose labels include all of these.</summary>
/// <param name="SubmittedBy">The API key on whose behalf its jobs run: the last one that set it.</param>
internal sealed record Trigger(Guid Id, TriggerSettings Settings, Guid? SubmittedBy, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string Columns = $"id, event_type, labels, paused, submitted_by, version, created_at, updated_at, {JobTemplate.Columns}";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int ColumnCount = FirstOfJob + JobTemplate.ColumnCount;

    private const int FirstOfJob = 8;

    public string PublicId => TypeId.Format(IdPrefix.Trigger, Id);

    public static Trigger Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), new(reader.GetString(1), reader.GetFieldValue<byte[]>(2), JobTemplate.Read(reader, FirstOfJob), reader.GetBoolean(3)),
        reader.IsDBNull(4) ? null : reader.GetGuid(4), reader.GetInt64(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7));

    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Trigger, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("trigger");

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
        json.WriteNumber("version", Version);
        json.WriteString("created_at", Rfc3339.Format(CreatedAt));
        json.WriteString("updated_at", Rfc3339.Format(UpdatedAt));
        json.WriteEndObject();
    }

    private void WriteSettings(Utf8JsonWriter json)
    {
        json.WriteString("event_type", Settings.EventType);
        json.WritePropertyName("labels");
        using (var labels = JsonDocument.Parse(Settings.Labels))
        {
            labels.RootElement.WriteTo(json);
        }

        Settings.Job.WriteTo(json);
        json.WriteBoolean("paused", Settings.Paused);
    }
}
