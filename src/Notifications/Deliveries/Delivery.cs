using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary>One event on its way to one endpoint, as the API shows it.</summary>
/// <param name="EventType">Null when the message has expired.</param>
internal sealed record Delivery(
    Guid Id, Guid EndpointId, Guid EventId, string? EventType, string State, string? Reason, int AttemptCount,
    DateTimeOffset CreatedAt, DateTimeOffset? LastAttemptAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Of <c>notifications.delivery d LEFT JOIN notifications.message m</c>.</summary>
    public const string Columns =
        "d.id, d.endpoint_id, d.event_id, m.type, d.state, d.reason, d.attempts, d.created_at, d.last_attempt_at, d.next_attempt_at, d.finished_at";

    /// <summary>What <see cref="Columns"/> are read from.</summary>
    public const string Tables =
        "notifications.delivery d LEFT JOIN notifications.message m ON m.tenant_id = d.tenant_id AND m.event_id = d.event_id";

    /// <summary>What <c>fields=</c> can select.</summary>
    public static readonly IReadOnlySet<string> FieldNames = new HashSet<string>(
        ["id", "endpoint_id", "event_id", "event_type", "state", "reason", "attempt_count", "created_at", "last_attempt_at", "next_attempt_at", "finished_at"],
        StringComparer.Ordinal);

    public string PublicId { get; } = DeliveryId.Format(Id);
    public string Location => "/v1/deliveries/" + PublicId;

    public static Problem NotFound() => KnownProblems.NotFound("delivery");

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Delivery Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.IsDBNull(3) ? null : reader.GetString(3),
        reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5), reader.GetInt32(6),
        reader.GetFieldValue<DateTimeOffset>(7), Time(reader, 8), Time(reader, 9), Time(reader, 10));

    public void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        json.WriteStartObject();
        WriteFields(json, fields);
        json.WriteEndObject();
    }

    public void WriteFields(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        void Text(string name, string? value)
        {
            if (fields is null || fields.Contains(name))
            {
                json.WriteString(name, value);
            }
        }

        Text("id", PublicId);
        Text("endpoint_id", TypeId.Format(IdPrefix.WebhookEndpoint, EndpointId));
        Text("event_id", TypeId.Format(IdPrefix.Event, EventId));
        Text("event_type", EventType);
        Text("state", State);
        Text("reason", Reason);
        if (fields is null || fields.Contains("attempt_count"))
        {
            json.WriteNumber("attempt_count", AttemptCount);
        }

        Text("created_at", Rfc3339.Format(CreatedAt));
        Text("last_attempt_at", Format(LastAttemptAt));
        Text("next_attempt_at", Format(NextAttemptAt));
        Text("finished_at", Format(FinishedAt));
    }

    private static string? Format(DateTimeOffset? time) => time is { } t ? Rfc3339.Format(t) : null;

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
