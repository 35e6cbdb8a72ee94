namespace Platform.Contracts.Events;

/// <summary>The wire names of all events, for those who match on them without reading the data.</summary>
public static class EventTypes
{
    public const string ResourceCreated = "resource.created";
    public const string ResourceUpdated = "resource.updated";
    public const string ResourceDeleted = "resource.deleted";
    public const string ResourceRestored = "resource.restored";
    public const string FileCreated = "file.created";
    public const string FileDeleted = "file.deleted";
    public const string JobSubmitted = "job.submitted";
    public const string JobCreated = "job.created";
    public const string JobSucceeded = "job.succeeded";
    public const string JobRetrying = "job.retrying";
    public const string JobDead = "job.dead";
    public const string JobCancelled = "job.cancelled";
    public const string WorkflowStarted = "workflow.started";
    public const string WorkflowResumed = "workflow.resumed";
    public const string WorkflowApprovalRequested = "workflow.approval_requested";
    public const string WorkflowSucceeded = "workflow.succeeded";
    public const string WorkflowFailed = "workflow.failed";
    public const string WorkflowCompensated = "workflow.compensated";
    public const string WorkflowCancelled = "workflow.cancelled";
    public const string ApiKeyChanged = "api_key.changed";
    public const string OrganizationCreated = "organization.created";
    public const string WebhookDeliverySucceeded = "webhook.delivery.succeeded";
    public const string WebhookDeliveryFailed = "webhook.delivery.failed";
    public const string WebhookRedeliveryRequested = "webhook.redelivery_requested";
    public const string WebhookEndpointFailing = "webhook.endpoint.failing";
    public const string WebhookEndpointDisabled = "webhook.endpoint.disabled";
    public const string ApiUsage = "api.usage";
    public const string DeadLetterRedriveRequested = "dead_letter.redrive_requested";
    public const string DeadLetterRedriven = "dead_letter.redriven";
}
