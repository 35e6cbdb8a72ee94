namespace Platform.Contracts.Events;

/// <summary>A file without its content: the same document that the API returns.</summary>
public abstract record FileChanged
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string ContentType { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Of the content, 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
    public required DateTimeOffset CreatedAt { get; init; }
}

public sealed record FileCreated : FileChanged, IEvent
{
    public static string EventType => EventTypes.FileCreated;
    public static Topic Topic => Topics.Core;
}

public sealed record FileDeleted : FileChanged, IEvent
{
    public static string EventType => EventTypes.FileDeleted;
    public static Topic Topic => Topics.Core;
}
