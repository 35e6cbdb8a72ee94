using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>
/// The payload of a job that an event starts: the trigger's, with its templates filled; where it has none, with the whole event under <c>event</c>.
/// </summary>
internal static class TriggeredPayload
{
    /// <exception cref="PoisonEventException">It would be too large.</exception>
    public static byte[] Of(Trigger trigger, ReceivedEvent received, JsonElement data)
    {
        using var given = JsonDocument.Parse(trigger.Settings.Job.Payload);
        if (!PayloadTemplate.IsIn(given.RootElement))
        {
            var whole = WithEvent(given.RootElement, received, data);

            // An event whose data is too large comes without it; the subject says where to read it.
            return whole.Length <= JobTypes.MaxPayload ? whole : WithEvent(given.RootElement, received, default);
        }

        using var root = JsonDocument.Parse(JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            WriteEvent(json, received, data);
            json.WriteEndObject();
        }));
        return PayloadTemplate.Render(given.RootElement, root.RootElement, JobTypes.MaxPayload)
            ?? throw new PoisonEventException($"The payload that {trigger.PublicId} makes of it would have more than {JobTypes.MaxPayload} bytes (too_large)");
    }

    private static byte[] WithEvent(JsonElement given, ReceivedEvent received, JsonElement data) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        foreach (var property in given.EnumerateObject().Where(p => p.Name != "event"))
        {
            property.WriteTo(json);
        }

        WriteEvent(json, received, data);
        json.WriteEndObject();
    });

    private static void WriteEvent(Utf8JsonWriter json, ReceivedEvent received, JsonElement data)
    {
        json.WriteStartObject("event");
        json.WriteString("id", TypeId.Format(IdPrefix.Event, received.Id));
        json.WriteString("type", received.Type);
        json.WriteString("subject", received.Subject);
        json.WriteString("time", Rfc3339.Format(received.Time));
        if (data.ValueKind != JsonValueKind.Undefined)
        {
            json.WritePropertyName("data");
            data.WriteTo(json);
        }
        else
        {
            json.WriteBoolean("data_omitted", true);
        }

        json.WriteEndObject();
    }
}
