using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Grpc.Hosting;

namespace Platform.Notifications.Grpc;

/// <summary><c>platform.v1.Webhooks</c>: the route that each method is.</summary>
internal static class WebhooksRpcs
{
    public static IServiceCollection AddWebhooksRpcs(this IServiceCollection services) =>
        services.AddGrpcService(WebhooksReflection.Descriptor.Services[0], webhooks => webhooks
            .Map("CreateEndpoint", "POST", "/v1/webhook-endpoints")
            .Map("GetEndpoint", "GET", "/v1/webhook-endpoints/{id}")
            .Map("ListEndpoints", "GET", "/v1/webhook-endpoints")
            .Map("UpdateEndpoint", "PATCH", "/v1/webhook-endpoints/{id}")
            .Map("DeleteEndpoint", "DELETE", "/v1/webhook-endpoints/{id}")
            .Map("GetSecret", "GET", "/v1/webhook-endpoints/{id}/secret")
            .Map("RotateSecret", "POST", "/v1/webhook-endpoints/{id}:rotate-secret")
            .Map("Enable", "POST", "/v1/webhook-endpoints/{id}:enable")
            .Map("Test", "POST", "/v1/webhook-endpoints/{id}:test")
            .Map("ListDeliveries", "GET", "/v1/webhook-endpoints/{endpoint_id}/deliveries")
            .Map("GetDelivery", "GET", "/v1/deliveries/{id}")
            .Map("Redeliver", "POST", "/v1/deliveries/{id}:redeliver")
            .Map("ListEventDeliveries", "GET", "/v1/events/{event_id}/deliveries"));
}
