using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>
/// What a trigger gives to what it starts, the payload of a job or the input of a workflow: as it is set, with its templates filled; where it has none, with
/// the whole event under <c>event</c>.
/// </summary>
internal static class TriggeredPayload
{
    /// <param name="given">A JSON object in UTF-8.</param>
    /// <param name="data">The event's.</param>
    /// <returns>The object, or why there is none.</returns>
    public static (byte[]? Filled, string? Fault) Of(ReadOnlyMemory<byte> given, ReceivedEvent received, JsonElement data)
    {
        var template = JsonElement.Parse(given.Span);
        if (!JsonTemplate.IsIn(template))
        {
            var whole = WithEvent(template, received, data);

            // An event whose data is too large comes without it; the subject says where to read it.
            return (whole.Length <= JobTypes.MaxPayload ? whole : WithEvent(template, received, default), null);
        }

        var about = JsonElement.Parse(JsonBytes.Write(json => WriteEvent(json, received, data)));
        var rendered = JsonTemplate.Render(template, Scope.Empty.With("event", about), EventReferences.Dialect, JobTypes.MaxPayload);
        return rendered.IsWhole ? (rendered.Json, null) : (null, rendered.Fault);
    }

    private static byte[] WithEvent(JsonElement given, ReceivedEvent received, JsonElement data) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        foreach (var property in given.EnumerateObject().Where(p => p.Name != "event"))
        {
            property.WriteTo(json);
        }

        json.WritePropertyName("event");
        WriteEvent(json, received, data);
        json.WriteEndObject();
    });

    private static void WriteEvent(Utf8JsonWriter json, ReceivedEvent received, JsonElement data)
    {
        json.WriteStartObject();
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
