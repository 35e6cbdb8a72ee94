using Microsoft.Extensions.Options;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.WorkQueues;
using Platform.Processing.DeadLetters;
using Platform.Processing.Grpc;
using Platform.Processing.Jobs;
using Platform.Processing.Queues;
using Platform.Processing.Running;
using Platform.Processing.Submissions;
using Platform.Processing.Triggers;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Processing;

/// <summary>Background jobs: queues, attempts, dead letters, and triggers that start a job when an event happens.</summary>
public static class ProcessingService
{
    public static IServiceCollection AddProcessing(this IServiceCollection services)
    {
        services.AddEventing<ProcessingDatabase>(events => events
            .AddConsumer<StartTriggeredJobs>("processing.triggers", [Topics.Core], TriggerEvents.All, group => group with { WaitForDisk = true })
            .AddConsumer<AcceptSubmissions>(AcceptSubmissions.Group, Topics.Jobs, configure: group => group with { WaitForDisk = true })
            .AddConsumer<ProjectDeadEvents>(ProjectDeadEvents.Group, ProjectDeadEvents.Topics)
            .AddConsumer<ProjectFailedDeliveries>(
                ProjectFailedDeliveries.Group, [Topics.WebhookDelivery], [EventTypes.WebhookDeliveryFailed, EventTypes.WebhookDeliverySucceeded]));
        services.AddOptions<WorkQueueOptions>(ProcessingDatabase.Name).Configure<QueueNames>((work, queues) => work.Queues = queues.Shares);
        services.AddWorkQueue<ProcessingDatabase, JobHandler, RunnableJob, JobEnd>(ProcessingDatabase.Name);
        services.AddSingleton<QueueNames>();
        services.AddSingleton<IValidateOptions<ProcessingOptions>, QueueNames.Check>();
        services.AddOptions<ProcessingOptions>().BindConfiguration("Processing").ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<ProcessingOptions>>().Value);
        services.AddOutboundPolicy();
        services.AddSingleton<IJobType, Noop>();
        services.AddSingleton<IJobType, HttpRequestJob>();
        services.AddSingleton<JobTypes>();
        return services.AddJobsRpcs();
    }

    public static void MapProcessing(this WebApplication app)
    {
        app.MapJobs();
        app.MapQueues();
        app.MapDeadLetters();
        app.MapTriggers();
    }
}
