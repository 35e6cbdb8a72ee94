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

/// <summary>How a webhook endpoint has been doing.</summary>
public abstract record WebhookEndpointHealthChanged
{
    /// <summary><c>whe_...</c></summary>
    public required string Id { get; init; }

    /// <summary>The first failure since the last success.</summary>
    public DateTimeOffset? FailingSince { get; init; }
    public required int ConsecutiveFailures { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public DateTimeOffset? LastFailureAt { get; init; }
}

/// <summary>A webhook endpoint has done nothing but fail for half of the time after which it is disabled.</summary>
public sealed record WebhookEndpointFailing : WebhookEndpointHealthChanged, IEvent
{
    static string IEvent.EventType => EventTypes.WebhookEndpointFailing;
    public static Topic Topic => Topics.Core;

    /// <summary>A failure after this time disables it.</summary>
    public required DateTimeOffset DisabledFrom { get; init; }
}

/// <summary>A webhook endpoint was disabled because of what its receiver did: nothing is sent to it until somebody enables it.</summary>
public sealed record WebhookEndpointDisabled : WebhookEndpointHealthChanged, IEvent
{
    static string IEvent.EventType => EventTypes.WebhookEndpointDisabled;
    public static Topic Topic => Topics.Core;

    /// <summary><c>failing</c> or <c>gone</c>.</summary>
    public required string Reason { get; init; }
    public required DateTimeOffset DisabledAt { get; init; }
}
