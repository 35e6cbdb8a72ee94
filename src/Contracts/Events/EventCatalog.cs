namespace Platform.Contracts.Events;

/// <summary>
/// Every event of the platform. What is not listed here is no part of the contract: a test finds all <see cref="IEvent"/> types and compares,
/// and the schemas and the table in docs/events are made from this list.
/// </summary>
public static class EventCatalog
{
    public static IReadOnlyList<EventContract> All { get; } =
    [
        Of<ResourceCreated>("A resource was created."),
        Of<ResourceUpdated>("A resource has a new version: it was replaced or patched."),
        Of<ResourceDeleted>("A resource was deleted; `data` is left out."),
        Of<ResourceRestored>("An earlier version of a resource is the new one; also brings back a deleted resource."),
        Of<FileCreated>("A file was uploaded; its content is at `/v1/files/{id}`."),
        Of<FileDeleted>("A file was deleted; its content goes with it."),
        Of<JobSubmitted>("Another system asks for a job; the topic is the queue. The only event that the platform reads and never says.", Topics.Jobs),
        Of<JobCreated>("A job was accepted."),
        Of<JobSucceeded>("A job ended well."),
        Of<JobRetrying>("An attempt of a job failed and another follows."),
        Of<JobDead>("A job failed for good and lies among the dead letters."),
        Of<JobCancelled>("A job was cancelled."),
        Of<WorkflowStarted>("A workflow was accepted and has begun."),
        Of<WorkflowResumed>("A workflow that had failed goes on: it was retried, or the job that had failed was redriven and succeeded."),
        Of<WorkflowApprovalRequested>("A step of a workflow waits for somebody to approve it."),
        Of<WorkflowSucceeded>("All steps of a workflow have ended well."),
        Of<WorkflowFailed>("A workflow, or its compensation, failed; `state` says what follows: `failed` and `compensation_failed` wait to be retried, `compensating` undoes what was done."),
        Of<WorkflowCompensated>("The completed steps of a workflow have been undone."),
        Of<WorkflowCancelled>("A workflow was cancelled; where `state` is `compensating`, its completed steps are undone."),
        Of<ApiKeyChanged>("An API key was created, rotated, revoked or published again; the whole state of the key."),
        Of<OrganizationCreated>("An organization was created."),
        Of<WebhookDeliverySucceeded>("An attempt at a webhook delivery was answered with 2xx."),
        Of<WebhookDeliveryFailed>("An attempt at a webhook delivery failed; `final` says whether another follows."),
        Of<WebhookRedeliveryRequested>("Somebody wants a delivery that was given up tried again."),
        Of<WebhookEndpointFailing>("A webhook endpoint has done nothing but fail for half of the time after which it is disabled."),
        Of<WebhookEndpointDisabled>("A webhook endpoint was disabled because of what its receiver did; `reason` is `failing` or `gone`."),
        Of<DeadLetterRedriveRequested>("Somebody wants an event that a consumer group gave up tried again."),
        Of<DeadLetterRedriven>("An event that was given up has been handled after all; it is no dead letter any more."),
        Of<ApiUsage>("About once a second from each process: the API requests of one organization, counted."),
    ];

    /// <param name="when">One sentence for readers of the documentation.</param>
    /// <param name="topics">Where one event travels on several topics; otherwise its own.</param>
    private static EventContract Of<TEvent>(string when, params IReadOnlyList<Topic> topics)
        where TEvent : IEvent =>
        new(TEvent.EventType, topics.Count > 0 ? topics : [TEvent.Topic], typeof(TEvent), when);
}

/// <summary>What the world may rely on about one event.</summary>
/// <param name="EventType">Wire name.</param>
/// <param name="Topics">The topics that carry it.</param>
/// <param name="Data">The declared shape of its data.</param>
/// <param name="When">One sentence: when it is emitted.</param>
public sealed record EventContract(string EventType, IReadOnlyList<Topic> Topics, Type Data, string When);
