using Npgsql;
using Platform.Eventing.Consumers;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Endpoints;

namespace Platform.Notifications.Matching;

/// <summary>
/// Turns each event into one delivery for every endpoint of its tenant that wants it. Endpoints are read with each batch: what a
/// caller was told is set is what the next event meets, on every instance, and one query for a batch costs less than keeping copies true.
/// </summary>
internal sealed class FanOut(NotificationsDatabase database, WorkSignal<NotificationsDatabase> work) : IEventHandler
{
    public const string Group = "notifications.fanout";

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var endpoints = await ReadEndpointsAsync(batch, cancellationToken);
        if (endpoints.Count == 0)
        {
            return;
        }

        var messages = new List<Message>(batch.Events.Count);
        var deliveries = new List<NewDelivery>(batch.Events.Count);
        foreach (var received in batch.Events)
        {
            if (!endpoints.TryGetValue(received.TenantId, out var candidates))
            {
                continue;
            }

            // Also where nobody wants it: it is how "why did it not arrive?" is answered.
            messages.Add(new(received.TenantId, received.Id, received.Type, received.Time, received.Data, received.TraceParent));
            deliveries.AddRange(candidates
                .Where(endpoint => endpoint.Filter.WhyNot(received.Type, received.Data) is null)
                .Select(endpoint => new NewDelivery(
                    received.TenantId, DeliveryId.Of(received.Id, endpoint.Id), endpoint.Id, received.Id,
                    endpoint.IsDisabled ? DeliveryState.Disabled : DeliveryState.Pending)));
        }

        await WriteAsync(batch, messages, deliveries, cancellationToken);
    }

    private static async Task<Dictionary<Guid, List<Candidate>>> ReadEndpointsAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT tenant_id, id, event_types, labels, disabled_at IS NOT NULL FROM notifications.endpoint WHERE tenant_id = ANY ($1)
            """, batch.Connection)
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. batch.Events.Select(e => e.TenantId).Distinct()] } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var endpoints = new Dictionary<Guid, List<Candidate>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var tenant = reader.GetGuid(0);
            if (!endpoints.TryGetValue(tenant, out var list))
            {
                endpoints[tenant] = list = [];
            }

            list.Add(new(
                reader.GetGuid(1),
                new(reader.GetFieldValue<string[]>(2), EndpointRows.Map(reader.GetFieldValue<byte[]>(3))),
                reader.GetBoolean(4)));
        }

        return endpoints;
    }

    private async Task WriteAsync(
        ConsumerBatch batch, List<Message> messages, List<NewDelivery> deliveries, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlBatch(batch.Connection) { BatchCommands = { DeliveryQueue.InsertMessages(messages) } };
        var fresh = new HashSet<Guid>();
        if (deliveries.Count == 0)
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
            return;
        }

        insert.BatchCommands.Add(DeliveryQueue.InsertDeliveries(deliveries));
        await using (var reader = await insert.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                fresh.Add(reader.GetGuid(0));
            }
        }

        // Work is made for new deliveries only: an event that was read again must not be sent again.
        await using var enqueue = new NpgsqlBatch(batch.Connection);
        WorkQueue.EnqueueMany(enqueue, database.Schema,
            [.. deliveries.Where(d => d.State == DeliveryState.Pending && fresh.Contains(d.Id)).Select(d => DeliveryQueue.WorkOf(d.TenantId, d.Id, d.EndpointId))]);
        if (enqueue.BatchCommands.Count > 0)
        {
            await enqueue.ExecuteNonQueryAsync(cancellationToken);
            batch.AfterCommit(work.Set);
        }
    }

    private sealed record Candidate(Guid Id, EndpointFilter Filter, bool IsDisabled);
}
