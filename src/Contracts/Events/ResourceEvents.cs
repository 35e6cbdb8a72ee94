using System.Text.Json;

namespace Platform.Contracts.Events;

/// <summary>The state of a resource after a change: the same document that the API returns. <c>data</c> is null after a deletion.</summary>
public abstract record ResourceChanged
{
    public required string Id { get; init; }
    public required string Type { get; init; }
    public JsonElement? Data { get; init; }
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>1 for the first version, dense.</summary>
    public required long Version { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

public sealed record ResourceCreated : ResourceChanged, IEvent
{
    public static string EventType => EventTypes.ResourceCreated;
    public static Topic Topic => Topics.Core;
}

public sealed record ResourceUpdated : ResourceChanged, IEvent
{
    public static string EventType => EventTypes.ResourceUpdated;
    public static Topic Topic => Topics.Core;
}

public sealed record ResourceDeleted : ResourceChanged, IEvent
{
    public static string EventType => EventTypes.ResourceDeleted;
    public static Topic Topic => Topics.Core;
}

public sealed record ResourceRestored : ResourceChanged, IEvent
{
    public static string EventType => EventTypes.ResourceRestored;
    public static Topic Topic => Topics.Core;
}
