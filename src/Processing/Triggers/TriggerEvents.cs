using Platform.Contracts.Events;

namespace Platform.Processing.Triggers;

/// <summary>What a trigger can listen to: the events of <c>events.core</c>.</summary>
internal static class TriggerEvents
{
    public static IReadOnlyList<string> All { get; } = [.. EventCatalog.All.Where(e => e.Topics.Contains(Topics.Core)).Select(e => e.EventType)];

    /// <summary>Every pattern that takes a type in: itself, each name above it, and all.</summary>
    public static IEnumerable<string> PatternsOf(string type)
    {
        yield return type;
        for (var dot = type.LastIndexOf('.'); dot > 0; dot = type.LastIndexOf('.', dot - 1))
        {
            yield return type[..dot] + ".*";
        }

        yield return EventTypePattern.All;
    }
}
