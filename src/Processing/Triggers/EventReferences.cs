using Platform.Processing.Templates;

namespace Platform.Processing.Triggers;

/// <summary>What templates of a trigger can refer to: the event.</summary>
internal static class EventReferences
{
    private static readonly string[] Fields = ["id", "type", "subject", "time", "data"];

    /// <summary>Events of one type need not have the same data: what one does not have is null.</summary>
    public static Dialect Dialect { get; } = new(
        reference => reference is { Root: "event", Path: [var field, ..] path } && Fields.Contains(field) && (field == "data" || path.Count == 1),
        $"There are event.{string.Join(", event.", Fields)} and what is in event.data, such as event.data.labels.env.",
        MissingIsNull: true);
}
