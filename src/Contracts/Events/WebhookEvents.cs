namespace Platform.Contracts.Events;

/// <summary>How a webhook delivery ended, or that an attempt of it failed and another follows.</summary>
public abstract record WebhookDeliveryChanged
{
    /// <summary><c>dlv_...</c></summary>
    public required string Id { get; init; }
    public required string EndpointId { get; init; }

    /// <summary>The event that was delivered, <c>evt_...</c>.</summary>
    public required string EventId { get; init; }
    public required string EventType { get; init; }
    public required int Attempt { get; init; }

    /// <summary>True when no further attempt follows.</summary>
    public required bool Final { get; init; }
    public int? StatusCode { get; init; }
    public string? Error { get; init; }
    public double? DurationMs { get; init; }
}

public sealed record WebhookDeliverySucceeded : WebhookDeliveryChanged, IEvent
{
    static string IEvent.EventType => EventTypes.WebhookDeliverySucceeded;
    public static Topic Topic => Topics.WebhookDelivery;
}

public sealed record WebhookDeliveryFailed : WebhookDeliveryChanged, IEvent
{
    static string IEvent.EventType => EventTypes.WebhookDeliveryFailed;
    public static Topic Topic => Topics.WebhookDelivery;
}

/// <summary>Somebody wants a delivery that was given up tried again, with a fresh set of attempts.</summary>
public sealed record WebhookRedeliveryRequested : IEvent
{
    static string IEvent.EventType => EventTypes.WebhookRedeliveryRequested;
    public static Topic Topic => Topics.Control;

    /// <summary><c>dlv_...</c></summary>
    public required string Id { get; init; }
    public required string EndpointId { get; init; }

    /// <summary>The event that was to be delivered, <c>evt_...</c>.</summary>
    public required string EventId { get; init; }
    public required string EventType { get; init; }
}
