namespace Platform.Notifications.Deliveries;

/// <summary>How far a delivery has come.</summary>
internal static class DeliveryState
{
    /// <summary>An attempt runs or follows.</summary>
    public const string Pending = "pending";
    public const string Succeeded = "succeeded";

    /// <summary>No further attempt follows; it can be redelivered.</summary>
    public const string Failed = "failed";

    /// <summary>The endpoint wanted the event but was disabled; it can be redelivered.</summary>
    public const string Disabled = "disabled";

    public static readonly IReadOnlyList<string> All = [Pending, Succeeded, Failed, Disabled];
}

/// <summary>Why a delivery failed where no attempt says so, or what a pending one waits for.</summary>
internal static class DeliveryReason
{
    public const string EndpointDisabled = "endpoint_disabled";
    public const string EndpointDeleted = "endpoint_deleted";
    public const string MessageExpired = "message_expired";

    /// <summary>Pending: one about the same subject is before it.</summary>
    public const string WaitingForOrder = "waiting_for_order";

    /// <summary>Pending: its endpoint fails, and it waits until that is over.</summary>
    public const string CircuitOpen = "circuit_open";
}
