using Npgsql;
using Platform.Contracts.Identifiers;
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
            messages.Add(new(received.TenantId, received.Id, received.Type, received.Time, received.Data, received.TraceParent) { Subject = received.Subject });
            deliveries.AddRange(candidates
                .Where(endpoint => endpoint.Filter.WhyNot(received.Type, received.Data) is null && !endpoint.IsSubjectOf(received))
                .Select(endpoint => DeliveryOf(received, endpoint)));
        }

        await WriteAsync(batch, messages, deliveries, cancellationToken);
    }

    private static NewDelivery DeliveryOf(ReceivedEvent received, Candidate endpoint)
    {
        var delivery = new NewDelivery(
            received.TenantId, DeliveryId.Of(received.Id, endpoint.Id), endpoint.Id, received.Id,
            endpoint.IsDisabled ? DeliveryState.Disabled : DeliveryState.Pending)
        {
            Subject = endpoint.IsOrdered ? DeliveryOrder.KeyOf(received.Subject) : null,
        };
        return endpoint.IsDisabled ? delivery : delivery with
        {
            Reason = endpoint.IsOrdered ? DeliveryReason.WaitingForOrder : endpoint.IsFailing ? DeliveryReason.CircuitOpen : null,
        };
    }

    private static async Task<Dictionary<Guid, List<Candidate>>> ReadEndpointsAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var tenants = batch.Events.Select(e => e.TenantId).Distinct().ToArray();
        await using var read = new NpgsqlBatch(batch.Connection)
        {
            BatchCommands =
            {
                // What is held back for an endpoint that fails must be seen by whoever finds that it has recovered.
                new("SELECT id FROM notifications.endpoint WHERE tenant_id = ANY ($1) AND circuit <> 'closed' ORDER BY tenant_id, id FOR SHARE")
                {
                    Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = tenants } },
                },
                new("SELECT tenant_id, id, event_types, labels, disabled_at IS NOT NULL, filter, ordering FROM notifications.endpoint WHERE tenant_id = ANY ($1)")
                {
                    Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = tenants } },
                },
            },
        };
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var failing = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            failing.Add(reader.GetGuid(0));
        }

        await reader.NextResultAsync(cancellationToken);
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
                new EndpointFilter(reader.GetFieldValue<string[]>(2), EndpointRows.Map(reader.GetFieldValue<byte[]>(3)))
                    .WithStored(reader.IsDBNull(5) ? null : reader.GetString(5)),
                reader.GetBoolean(4),
                reader.GetString(6) == EndpointOrdering.Subject,
                failing.Contains(reader.GetGuid(1))));
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
        var pending = deliveries.Where(d => d.State == DeliveryState.Pending && fresh.Contains(d.Id)).DistinctBy(d => d.Id).ToArray();
        WorkQueue.EnqueueMany(enqueue, database.Schema,
            [.. pending.Where(d => d.Reason is null).Select(d => DeliveryQueue.WorkOf(d.TenantId, d.Id, d.EndpointId))]);
        var ordered = pending.Where(d => d.Subject is not null).ToArray();
        if (ordered.Length > 0)
        {
            DeliveryOrder.Enter(enqueue, [.. ordered.Select(d => d.TenantId)], [.. ordered.Select(d => d.Id)]);
        }

        if (enqueue.BatchCommands.Count > 0)
        {
            await enqueue.ExecuteNonQueryAsync(cancellationToken);
            batch.AfterCommit(work.Set);
        }
    }

    private sealed record Candidate(Guid Id, EndpointFilter Filter, bool IsDisabled, bool IsOrdered, bool IsFailing)
    {
        private readonly string _publicId = TypeId.Format(IdPrefix.WebhookEndpoint, Id);

        /// <summary>An endpoint is not told of itself: that it fails would be one more failure.</summary>
        public bool IsSubjectOf(ReceivedEvent received) => received.Subject == _publicId;
    }
}
