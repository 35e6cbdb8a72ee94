using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Notifications.Replays;

internal static class ReplaysRoutes
{
    public static void MapReplays(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/webhook-endpoints/{id}:replay", ReplayEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => ReplaysDescriptions.OfEndpoint);
        app.MapPost("/v1/deliveries:redeliver", RedeliverMany.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => ReplaysDescriptions.RedeliverMany);
        app.MapGet("/v1/webhook-replays", GetReplay.ListAsync).RequireScope(Scopes.WebhooksRead).Describe(() => ReplaysDescriptions.List);
        app.MapGet("/v1/webhook-replays/{id}", GetReplay.HandleAsync).RequireScope(Scopes.WebhooksRead).Describe(() => ReplaysDescriptions.Get);
        app.MapPost("/v1/webhook-replays/{id}:cancel", CancelReplay.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => ReplaysDescriptions.Cancel);
    }
}
