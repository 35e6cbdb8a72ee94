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
    public const string OtherData = "filter";

    /// <summary>Events about webhook endpoints: only for those who name them, so that a failing endpoint is not news to every other.</summary>
    private const string Operational = "webhook.";

    /// <summary>Must hold of the event; null for no condition.</summary>
    public EventCondition? Condition { get; init; }

    /// <summary>The condition as the caller wrote it.</summary>
    public string? ConditionJson { get; init; }

    /// <summary>With a condition that was read before it was stored.</summary>
    public EndpointFilter WithStored(string? condition)
    {
        if (condition is null)
        {
            return this;
        }

        using var document = JsonDocument.Parse(condition);
        return this with { ConditionJson = condition, Condition = EventCondition.Read(document.RootElement, "", static (_, _, _) => { }) };
    }

    /// <summary>Null when the event is wanted, else what about it is not.</summary>
    public string? WhyNot(string type, ReadOnlyMemory<byte> data)
    {
        if (!EventTypes.Any(pattern => Takes(pattern, type)))
        {
            return OtherType;
        }

        if (Labels.Count == 0 && Condition is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(data);
        return Labels.Count > 0 && !HasLabels(document.RootElement) ? OtherLabels
            : Condition?.Holds(type, document.RootElement) is false ? OtherData
            : null;
    }

    private static bool Takes(string pattern, string type) =>
        EventTypePattern.Matches(pattern, type)
        && (pattern != EventTypePattern.All || !type.StartsWith(Operational, StringComparison.Ordinal));

    private bool HasLabels(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object
        && Labels.All(wanted => labels.TryGetProperty(wanted.Key, out var value)
            && value.ValueKind == JsonValueKind.String && value.ValueEquals(wanted.Value));
}
