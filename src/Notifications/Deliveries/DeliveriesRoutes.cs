using Platform.ServiceDefaults.Authentication;

namespace Platform.Notifications.Deliveries;

internal static class DeliveriesRoutes
{
    public static void MapDeliveries(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/webhook-endpoints/{id}/deliveries", ListDeliveries.HandleAsync).RequireScope(Scopes.WebhooksRead);
        app.MapGet("/v1/deliveries/{id}", GetDelivery.HandleAsync).RequireScope(Scopes.WebhooksRead);
        app.MapPost("/v1/deliveries/{id}:redeliver", Redeliver.HandleAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapGet("/v1/events/{id}/deliveries", ListEventDeliveries.HandleAsync).RequireScope(Scopes.WebhooksRead);
    }
}
