using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>Starts a job for each event of a type whose labels include all of these.</summary>
/// <param name="Labels">A flat JSON object of strings; empty for every event of the type.</param>
internal sealed record Trigger(
    Guid Id, string EventType, ReadOnlyMemory<byte> Labels, string JobType, string Queue, ReadOnlyMemory<byte> Payload, DateTimeOffset CreatedAt)
{
    public const string Columns = "id, event_type, labels, job_type, queue, payload, created_at";

    public string PublicId => TypeId.Format(IdPrefix.Trigger, Id);

    public static Trigger Read(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetString(3), reader.GetString(4),
            reader.GetFieldValue<byte[]>(5), reader.GetFieldValue<DateTimeOffset>(6));

    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Trigger, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("trigger");

    public byte[] ToJson() => JsonBytes.Write(WriteTo);

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", PublicId);
        json.WriteString("event_type", EventType);
        json.WritePropertyName("labels");
        using (var labels = JsonDocument.Parse(Labels))
        {
            labels.RootElement.WriteTo(json);
        }

        json.WriteStartObject("job");
        json.WriteString("type", JobType);
        json.WriteString("queue", Queue);
        json.WriteRaw("payload", Payload);
        json.WriteEndObject();
        json.WriteString("created_at", Rfc3339.Format(CreatedAt));
        json.WriteEndObject();
    }
}
