using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// What stands in for an event's data where an endpoint wants none: <c>{id, subject, event_id, url}</c>. Whoever is told reads what it may, with its own key,
/// and as it is by then.
/// </summary>
internal static class ThinData
{
    public static ReadOnlyMemory<byte> Of(Message message)
    {
        var eventId = TypeId.Format(IdPrefix.Event, message.EventId);
        using var data = JsonDocument.Parse(message.Data);
        var id = data.RootElement.ValueKind == JsonValueKind.Object && data.RootElement.TryGetProperty("id", out var found) && found.ValueKind == JsonValueKind.String
            ? found.GetString() : message.Subject;
        return FieldSelection.Write((json, _) =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("subject", message.Subject);
            json.WriteString("event_id", eventId);
            json.WriteString("url", "/v1/events/" + eventId);
            json.WriteEndObject();
        }, fields: null);
    }
}
