using Platform.ServiceDefaults.Authentication;

namespace Platform.Notifications.Endpoints;

internal static class EndpointsRoutes
{
    public static void MapEndpoints(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/webhook-endpoints", CreateEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapGet("/v1/webhook-endpoints", ListEndpoints.HandleAsync).RequireScope(Scopes.WebhooksRead);
        app.MapGet("/v1/webhook-endpoints/{id}", GetEndpoint.HandleAsync).RequireScope(Scopes.WebhooksRead);
        app.MapPatch("/v1/webhook-endpoints/{id}", PatchEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapDelete("/v1/webhook-endpoints/{id}", DeleteEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapGet("/v1/webhook-endpoints/{id}/secret", GetEndpoint.SecretAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapPost("/v1/webhook-endpoints/{id}:rotate-secret", RotateSecret.HandleAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapPost("/v1/webhook-endpoints/{id}:enable", EnableEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite);
        app.MapPost("/v1/webhook-endpoints/{id}:test", TestEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite);
    }
}
