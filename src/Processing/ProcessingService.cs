using Microsoft.Extensions.Options;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.WorkQueues;
using Platform.Processing.DeadLetters;
using Platform.Processing.Exports;
using Platform.Processing.Grpc;
using Platform.Processing.Imports;
using Platform.Processing.Jobs;
using Platform.Processing.Queues;
using Platform.Processing.Retention;
using Platform.Processing.Reports;
using Platform.Processing.Running;
using Platform.Processing.Schedules;
using Platform.Processing.Submissions;
using Platform.Processing.Triggers;
using Platform.Processing.Types;
using Platform.Processing.Workflows;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Processing;

/// <summary>Background jobs: queues, attempts, dead letters, schedules, and triggers that start a job when an event happens.</summary>
public static class ProcessingService
{
    /// <summary>For types whose attempts end when their work does; a worker that dies is noticed by its lease.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    public static IServiceCollection AddProcessing(this IServiceCollection services)
    {
        services.AddEventing<ProcessingDatabase>(events => events
            .AddConsumer<FireTriggers>(FireTriggers.Group, [Topics.Core], configure: group => group with { WaitForDisk = true, UseInbox = false })
            .AddConsumer<AcceptSubmissions>(AcceptSubmissions.Group, Topics.Jobs, configure: group => group with { WaitForDisk = true })
            .AddConsumer<ProjectDeadEvents>(ProjectDeadEvents.Group, ProjectDeadEvents.Topics)
            .AddConsumer<ProjectFailedDeliveries>(
                ProjectFailedDeliveries.Group, [Topics.WebhookDelivery], [EventTypes.WebhookDeliveryFailed, EventTypes.WebhookDeliverySucceeded]));
        services.AddOptions<WorkQueueOptions>(ProcessingDatabase.Name).Configure<QueueNames>((work, queues) => work.Queues = queues.Shares);
        services.AddWorkQueue<ProcessingDatabase, JobHandler, RunnableJob, JobEnd>(ProcessingDatabase.Name);
        services.AddSingleton<QueueNames>();
        services.AddSingleton<IValidateOptions<ProcessingOptions>, QueueNames.Check>();
        services.AddOptions<ProcessingOptions>().BindConfiguration("Processing").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<ProcessingOptions>>().Value);
        services.AddOutboundPolicy();
        services.AddSingleton<JobTypes>();
        services.AddHostedService<FireSchedules>();
        services.AddHostedService<ForgetDepths>();
        services.AddSingleton<JobEndings>();
        services.AddWorkflows();
        services.AddSingleton<JobDays>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<JobDays>());
        services.AddHostedService(s => s.GetRequiredService<JobDays>());
        services.AddHostedService<PrepareHandlers>();
        services.AddHostedService<ForgetProgress>();
        services.AddSingleton<Noop>().AddJob<NoopPayload, Noop>(Noop.Type, job => job.TakesAnything = true);
        services.AddSingleton<HttpRequestJob>().AddJob<HttpRequestPayload, HttpRequestJob>(HttpRequestJob.Type, job => job.Check = HttpRequestPayload.Check);
        services.AddJob<ImportPayload, ImportResources>(ImportResources.Type, job => (job.Check, job.Scopes, job.Timeout) = (ImportPayload.Check, ImportResources.Permissions, Long))
            .AddJob<ExportPayload, ExportResources>(ExportResources.Type, job => (job.Check, job.Scopes, job.Timeout) = (ExportPayload.Check, ExportResources.Permissions, Long))
            .AddJob<UsageReportPayload, UsageReport>(UsageReport.Type, job => (job.Check, job.Scopes, job.Timeout) = (UsageReportPayload.Check, UsageReport.Permissions, Long));
        return services.AddJobsRpcs();
    }

    public static void MapProcessing(this WebApplication app)
    {
        app.MapJobs();
        app.MapQueues();
        app.MapDeadLetters();
        app.MapTriggers();
        app.MapWorkflows();
        app.MapSchedules();
    }
}
