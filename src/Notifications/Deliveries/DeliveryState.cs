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

/// <summary>Why a delivery failed where no attempt says so.</summary>
internal static class DeliveryReason
{
    public const string EndpointDisabled = "endpoint_disabled";
    public const string EndpointDeleted = "endpoint_deleted";
    public const string MessageExpired = "message_expired";
}
