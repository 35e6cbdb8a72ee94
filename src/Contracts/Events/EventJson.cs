using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Contracts.Events;

/// <summary>How event data is written and read: snake_case, RFC 3339, unknown fields ignored so that old readers survive new writers.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResourceCreated))]
[JsonSerializable(typeof(ResourceUpdated))]
[JsonSerializable(typeof(ResourceDeleted))]
[JsonSerializable(typeof(ResourceRestored))]
[JsonSerializable(typeof(FileCreated))]
[JsonSerializable(typeof(FileDeleted))]
[JsonSerializable(typeof(JobSubmitted))]
[JsonSerializable(typeof(JobCreated))]
[JsonSerializable(typeof(JobSucceeded))]
[JsonSerializable(typeof(JobRetrying))]
[JsonSerializable(typeof(JobDead))]
[JsonSerializable(typeof(JobCancelled))]
[JsonSerializable(typeof(WorkflowStarted))]
[JsonSerializable(typeof(WorkflowResumed))]
[JsonSerializable(typeof(WorkflowApprovalRequested))]
[JsonSerializable(typeof(WorkflowSucceeded))]
[JsonSerializable(typeof(WorkflowFailed))]
[JsonSerializable(typeof(WorkflowCompensated))]
[JsonSerializable(typeof(WorkflowCancelled))]
[JsonSerializable(typeof(ApiKeyChanged))]
[JsonSerializable(typeof(OrganizationCreated))]
[JsonSerializable(typeof(WebhookDeliverySucceeded))]
[JsonSerializable(typeof(WebhookDeliveryFailed))]
[JsonSerializable(typeof(WebhookRedeliveryRequested))]
[JsonSerializable(typeof(WebhookEndpointFailing))]
[JsonSerializable(typeof(WebhookEndpointDisabled))]
[JsonSerializable(typeof(ApiUsage))]
[JsonSerializable(typeof(DeadLetterRedriveRequested))]
[JsonSerializable(typeof(DeadLetterRedriven))]
public sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>The data of an event as UTF-8 JSON.</summary>
    public static byte[] Serialize<TEvent>(TEvent data)
        where TEvent : IEvent =>
        JsonSerializer.SerializeToUtf8Bytes(data, typeof(TEvent), Default);

    /// <summary>Reads the data of an event.</summary>
    /// <exception cref="JsonException">It is not this event.</exception>
    public static TEvent Deserialize<TEvent>(ReadOnlySpan<byte> utf8)
        where TEvent : IEvent =>
        (TEvent)(JsonSerializer.Deserialize(utf8, typeof(TEvent), Default)
            ?? throw new JsonException($"The data of {TEvent.EventType} is null."));
}
