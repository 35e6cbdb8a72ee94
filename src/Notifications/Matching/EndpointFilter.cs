using System.Text.Json;
using Platform.Contracts.Events;

namespace Platform.Notifications.Matching;

/// <summary>What an endpoint wants to hear of.</summary>
/// <param name="EventTypes">Patterns; one of them must fit.</param>
/// <param name="Labels">All of them must be on the event's data, with equal values.</param>
internal sealed record EndpointFilter(IReadOnlyList<string> EventTypes, IReadOnlyDictionary<string, string> Labels)
{
    public const string OtherType = "event_type";
    public const string OtherLabels = "labels";

    /// <summary>Null when the event is wanted, else what about it is not.</summary>
    public string? WhyNot(string type, ReadOnlyMemory<byte> data) =>
        !EventTypes.Any(pattern => EventTypePattern.Matches(pattern, type)) ? OtherType
        : Labels.Count > 0 && !HasLabels(data) ? OtherLabels
        : null;

    private bool HasLabels(ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object
            && Labels.All(wanted => labels.TryGetProperty(wanted.Key, out var value)
                && value.ValueKind == JsonValueKind.String && value.ValueEquals(wanted.Value));
    }
}
