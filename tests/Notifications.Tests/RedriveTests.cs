using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>A delivery that was given up and is asked for again from the list of dead letters.</summary>
public sealed class RedriveTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task It_starts_anew_and_asking_twice_at_once_is_asking_once()
    {
        var healthy = false;
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(Volatile.Read(ref healthy) ? 204 : 500)(http, n));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var failed = await Client.DeliveryAsync(endpoint, "failed");
        var attempts = failed["attempt_count"].GetInt32();
        Volatile.Write(ref healthy, true);
        await fixture.Service.AppendAsync(Request(failed), Request(failed));
        Assert.Equal(attempts + 1, (await Client.DeliveryAsync(endpoint, "succeeded"))["attempt_count"].GetInt32());
    }

    [Fact]
    public async Task One_that_cannot_start_anew_fails_again_at_once()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var failed = await Client.DeliveryAsync(endpoint, "failed");
        using var deleted = await Client.DeleteAsync("/v1/webhook-endpoints/" + endpoint.Id);
        await fixture.Service.AppendAsync(Request(failed));
        await FailsAsync(failed.Id, "endpoint_deleted");

        var unknown = TypeId.Format(IdPrefix.Delivery, TypeId.New(TimeProvider.System));
        await fixture.Service.AppendAsync(OutboxMessage.Create("processing", _tenant, unknown, new WebhookRedeliveryRequested
        {
            Id = unknown, EndpointId = endpoint.Id, EventId = failed["event_id"].GetString()!, EventType = "resource.created",
        }, TimeProvider.System));
        await FailsAsync(unknown, "message_expired");
    }

    private Task FailsAsync(string delivery, string error) =>
        Eventually.IsTrueAsync(async () => await fixture.Service.Database.ScalarAsync<long>($"""
            SELECT count(*) FROM stream.webhooks_delivery
            WHERE key = '{delivery}' AND convert_from(payload, 'UTF8') LIKE '%"error":"{error}"%' AND headers->>'ce_type' = 'webhook.delivery.failed'
            """) == 1, error);

    private OutboxMessage Request(Document delivery) => OutboxMessage.Create("processing", _tenant, delivery.Id, new WebhookRedeliveryRequested
    {
        Id = delivery.Id, EndpointId = delivery["endpoint_id"].GetString()!, EventId = delivery["event_id"].GetString()!, EventType = "resource.created",
    }, TimeProvider.System);
}
