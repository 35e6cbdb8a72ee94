using System.Globalization;
using Platform.Notifications.Endpoints;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Deliveries;

/// <summary>The work item of a delivery.</summary>
/// <param name="State">0 waits for its time, 1 is ready, 2 is in a worker's hands.</param>
internal sealed record QueuedWork(short State, DateTimeOffset RunAt);

/// <summary>What became of an event at one endpoint.</summary>
/// <param name="Name">One of <see cref="All"/>.</param>
/// <param name="Reason">Machine-readable; null where the outcome says it all.</param>
/// <param name="Explanation">A sentence for people.</param>
internal sealed record EventOutcome(string Name, string? Reason, string Explanation)
{
    public const string Unmatched = "unmatched";
    private const string Delivered = "delivered";
    private const string Pending = "pending";
    private const string Failed = "failed";
    private const string Disabled = "disabled";
    private const string Throttled = "throttled";
    private const string CreatedLater = "created_later";

    public static readonly IReadOnlyList<string> All = [Delivered, Pending, Failed, Unmatched, Disabled, Throttled, CreatedLater];

    /// <param name="delivery">Null where there is none.</param>
    /// <param name="queued">Null where it is not queued.</param>
    public static EventOutcome Of(WebhookEndpoint endpoint, Message message, Delivery? delivery, QueuedWork? queued) => delivery switch
    {
        null when endpoint.CreatedAt > message.OccurredAt => new(
            CreatedLater, CreatedLater, $"The endpoint was made at {Rfc3339.Format(endpoint.CreatedAt)}, after the event. A replay with only_missing sends it."),
        null => endpoint.Settings.Filter.WhyNot(message.Type, message.Data) is { } reason
            ? new(Unmatched, reason, $"The endpoint does not want it: see its {reason switch { "event_type" => "event_types", _ => reason }}.")
            : new(Unmatched, "changed_since", "The endpoint did not want it when it came, and would want it by now. A replay with only_missing sends it."),
        { State: DeliveryState.Succeeded } => new(Delivered, null, $"Delivered at attempt {Text(delivery.AttemptCount)}."),
        { State: DeliveryState.Disabled } or { State: DeliveryState.Failed, Reason: DeliveryReason.EndpointDisabled } => new(Disabled, delivery.Reason, WhyDisabled(endpoint)),
        { State: DeliveryState.Failed } => new(
            Failed, delivery.Reason, $"Given up after {Text(delivery.AttemptCount)} attempts ({delivery.Reason}); GET {delivery.Location} has each of them."),
        _ => OfPending(endpoint, delivery, queued),
    };

    private static EventOutcome OfPending(WebhookEndpoint endpoint, Delivery delivery, QueuedWork? queued) => (delivery, queued) switch
    {
        ({ Reason: DeliveryReason.CircuitOpen }, _) => new(Throttled, DeliveryReason.CircuitOpen, "The endpoint fails, and nothing but a probe is sent until it recovers."),
        ({ Reason: DeliveryReason.WaitingForOrder }, _) => new(Pending, DeliveryReason.WaitingForOrder, "An earlier event about the same subject is before it."),
        ({ Reason: { } reason }, _) => new(Pending, reason, "It waits."),

        // A retry waits until the time that its delivery has; what is sent away by its endpoint's lane comes back at a time of its own.
        (_, { State: 0 } waiting) when delivery.NextAttemptAt is not { } next || waiting.RunAt > next => endpoint.Settings.RateLimit is { } rate
            ? new(Throttled, "rate_limit", $"The endpoint takes {Text(rate)} attempts a second; it comes back at {Rfc3339.Format(waiting.RunAt)}.")
            : new(Throttled, "endpoint_busy", $"The endpoint's connections are all taken, for it answers slowly; it comes back at {Rfc3339.Format(waiting.RunAt)}."),
        (_, { State: 0 }) => new(Pending, "retry", $"Attempt {Text(delivery.AttemptCount)} failed; the next one comes at {Rfc3339.Format(delivery.NextAttemptAt!.Value)}."),
        (_, { State: 2 }) => new(Pending, "sending", "An attempt is being made."),
        _ => new(Pending, "queued", "It is about to be sent."),
    };

    private static string WhyDisabled(WebhookEndpoint endpoint) => endpoint.Disabling is { } disabling
        ? $"The endpoint is disabled since {Rfc3339.Format(disabling.At)} ({disabling.Reason}). Enable it, then redeliver or replay."
        : "The endpoint was disabled at the time. Redeliver it, or replay with only_missing.";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
