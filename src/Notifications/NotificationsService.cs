using Microsoft.Extensions.Options;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Grpc;
using Platform.Notifications.Matching;
using Platform.Notifications.Replays;
using Platform.Notifications.Retention;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications;

/// <summary>Webhooks: endpoints, deliveries and their attempts.</summary>
public static class NotificationsService
{
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        // Idempotent by the id of a delivery, which follows from event and endpoint, so it needs no inbox.
        services.AddEventing<NotificationsDatabase>(events => events
            .AddConsumer<FanOut>(FanOut.Group, [Topics.Core], configure: group => group with { UseInbox = false })
            .AddConsumer<RedeliverRequested>(RedeliverRequested.Group, [Topics.Control], [EventTypes.WebhookRedeliveryRequested]));
        services.AddOptions<WebhookOptions>().BindConfiguration("Webhooks").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<WebhookOptions>>().Value);
        services.AddOutboundPolicy();
        services.AddSingleton(s => new WebhookConnections(
            s.GetRequiredService<OutboundPolicy>(), s.GetRequiredService<WebhookOptions>(), s.GetService<ResolveHost>()));
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<EndpointLanes>();
        services.AddSingleton<EndpointRates>();
        services.AddSingleton<EndpointCircuits>();
        services.AddHostedService<EndpointCare>();
        services.AddSingleton<RetrySchedule>();
        services.AddOptions<WorkQueueOptions>(NotificationsDatabase.Name)
            .Configure<IOptions<WebhookOptions>>((work, webhooks) => work.Concurrency = webhooks.Value.Concurrency);
        services.AddWorkQueue<NotificationsDatabase, DeliverWebhooks, DeliveryWork, DeliveryOutcome>(
            NotificationsDatabase.Name, work => work.Queues = [new(DeliveryQueue.Name, 1)]);
        services.AddSingleton<DeliveryDays>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<DeliveryDays>());
        services.AddHostedService<DeliveryDaysWorker>();
        services.AddHostedService<ReplayWorker>();
        return services.AddWebhooksRpcs();
    }

    public static void MapNotifications(this WebApplication app)
    {
        app.MapEndpoints();
        app.MapDeliveries();
        app.MapReplays();
    }
}
