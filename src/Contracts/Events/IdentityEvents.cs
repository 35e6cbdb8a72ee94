namespace Platform.Contracts.Events;

/// <summary>
/// The whole state of an API key, published on every change and again before the topic forgets it, so that a service
/// that starts late can build its own copy from the stream. Carries the SHA-256 of a 256-bit random secret, never the secret.
/// </summary>
public sealed record ApiKeyChanged : IEvent
{
    public static string EventType => EventTypes.ApiKeyChanged;
    public static Topic Topic => Topics.Audit;

    /// <summary><c>key_...</c></summary>
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Base64 of the SHA-256 over the whole key text.</summary>
    public required string SecretHash { get; init; }

    /// <summary>owner, admin, developer or viewer.</summary>
    public required string Role { get; init; }

    /// <summary>What the key may do; <c>*</c> for everything its role may.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Requests a minute; null for the default.</summary>
    public int? RateLimit { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Grows with each change of this key; a copy ignores what is not newer.</summary>
    public required long Version { get; init; }

    /// <summary>What happened: created, rotated, revoked, or republished when nothing did.</summary>
    public string? Change { get; init; }

    /// <summary>Who did it, <c>key_...</c>; null for the platform itself.</summary>
    public string? Actor { get; init; }
}

public sealed record OrganizationCreated : IEvent
{
    public static string EventType => EventTypes.OrganizationCreated;
    public static Topic Topic => Topics.Audit;

    public required string Id { get; init; }
    public required string Name { get; init; }
}
