using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Notifications.Endpoints;

internal static class EndpointsRoutes
{
    public static void MapEndpoints(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/webhook-endpoints", CreateEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.Create);
        app.MapGet("/v1/webhook-endpoints", ListEndpoints.HandleAsync).RequireScope(Scopes.WebhooksRead).Describe(() => EndpointsDescriptions.List);
        app.MapGet("/v1/webhook-endpoints/{id}", GetEndpoint.HandleAsync).RequireScope(Scopes.WebhooksRead).Describe(() => EndpointsDescriptions.Get);
        app.MapPatch("/v1/webhook-endpoints/{id}", PatchEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.Patch);
        app.MapDelete("/v1/webhook-endpoints/{id}", DeleteEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.Delete);
        app.MapGet("/v1/webhook-endpoints/{id}/secret", GetEndpoint.SecretAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.GetSecret);
        app.MapPost("/v1/webhook-endpoints/{id}:rotate-secret", RotateSecret.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.Rotate);
        app.MapPost("/v1/webhook-endpoints/{id}:enable", EnableEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.Enable);
        app.MapPost("/v1/webhook-endpoints/{id}:test", TestEndpoint.HandleAsync).RequireScope(Scopes.WebhooksWrite).Describe(() => EndpointsDescriptions.Test);
    }
}
