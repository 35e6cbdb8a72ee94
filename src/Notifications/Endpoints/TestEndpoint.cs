using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>
/// <c>POST /v1/webhook-endpoints/{id}:test</c>: 202 with the delivery of a <c>webhook.test</c> event, whatever the endpoint's filter. It
/// is signed, retried and logged like any other.
/// </summary>
internal static class TestEndpoint
{
    public const string EventType = "webhook.test";

    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, NotificationsDatabase database, WorkSignal<NotificationsDatabase> work, TimeProvider clock)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var endpoint = await EndpointRows.LockAsync(transaction, key, http.RequestAborted);
            if (endpoint is null)
            {
                return EndpointInput.NotFound();
            }

            if (endpoint.Disabling is not null)
            {
                return IsDisabled();
            }

            var message = new Message(
                write.Tenant, TypeId.New(clock), EventType, Rfc3339.Now(clock),
                FieldSelection.Write((json, _) =>
                {
                    json.WriteStartObject();
                    json.WriteString("endpoint_id", endpoint.PublicId);
                    json.WriteString("message", "This is a test.");
                    json.WriteEndObject();
                }, fields: null),
                TraceParent: null);
            var delivery = new NewDelivery(
                write.Tenant, DeliveryId.Of(message.EventId, key), key, message.EventId, DeliveryState.Pending) { Trigger = AttemptTrigger.Test };
            await using var batch = new NpgsqlBatch(transaction.Connection)
            {
                BatchCommands = { DeliveryQueue.InsertMessages([message]), DeliveryQueue.InsertDeliveries([delivery]) },
            };
            WorkQueue.Enqueue(batch, database.Schema, DeliveryQueue.WorkOf(write.Tenant, delivery.Id, key));
            await batch.ExecuteNonQueryAsync(http.RequestAborted);
            transaction.AfterCommit(work.Set);
            return Accepted(new Delivery(delivery.Id, key, message.EventId, EventType, DeliveryState.Pending, null, 0, message.OccurredAt, null, null, null));
        }, http.RequestAborted);
    }

    /// <summary>The endpoint gets nothing before it is enabled.</summary>
    public static Problem IsDisabled() =>
        new(StatusCodes.Status409Conflict, "endpoint_disabled", "The endpoint is disabled", "Enable the endpoint first: POST .../{id}:enable.");

    /// <summary>It will be sent; how that went is found under its location.</summary>
    public static JsonAnswer Accepted(Delivery delivery) =>
        new(StatusCodes.Status202Accepted, FieldSelection.Write(delivery.WriteTo, null)) { Location = delivery.Location };
}
