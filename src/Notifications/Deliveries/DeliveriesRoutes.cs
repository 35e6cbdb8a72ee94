using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Notifications.Deliveries;

internal static class DeliveriesRoutes
{
    public static void MapDeliveries(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/webhook-endpoints/{id}/deliveries", ListDeliveries.HandleAsync).RequireScope(Scopes.WebhooksRead).Describe(() => DeliveriesDescriptions.List);
        app.MapGet("/v1/deliveries/{id}", GetDelivery.HandleAsync).RequireScope(Scopes.WebhooksRead).Describe(() => DeliveriesDescriptions.Get);
        app.MapPost("/v1/deliveries/{id}:redeliver", Redeliver.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => DeliveriesDescriptions.Redeliver);
        app.MapGet("/v1/events/{id}/deliveries", ListEventDeliveries.HandleAsync).RequireScope(Scopes.WebhooksRead).Describe(() => DeliveriesDescriptions.ListOfEvent);
    }
}
