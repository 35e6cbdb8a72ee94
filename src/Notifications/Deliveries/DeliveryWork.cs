using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Sending;
using Platform.Notifications.Signing;

namespace Platform.Notifications.Deliveries;

/// <summary>Where a delivery goes, as read with its claim.</summary>
internal sealed record Destination(
    string Url, IReadOnlyDictionary<string, string> Headers, int? RateLimit, bool IsDisabled,
    WebhookSecret Secret, WebhookSecret? PreviousSecret, DateTimeOffset? PreviousUntil)
{
    /// <summary>For a whole attempt; null for the platform's own.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The event is told without its data.</summary>
    public bool IsThin { get; init; }

    /// <summary>Whether the endpoint was sent to when this was read.</summary>
    public CircuitGate Gate { get; init; } = CircuitGate.Closed;

    /// <summary>The secrets to sign with, the current one first.</summary>
    public IReadOnlyList<WebhookSecret> SecretsAt(DateTimeOffset now) =>
        PreviousSecret is not null && PreviousUntil > now ? [Secret, PreviousSecret] : [Secret];
}

/// <summary>What an attempt needs to know.</summary>
/// <param name="Attempts">Made before this one, over all redeliveries.</param>
/// <param name="EventType">Empty where the message has expired.</param>
/// <param name="Message">Null when it has expired.</param>
/// <param name="Destination">Null when the endpoint was deleted.</param>
internal sealed record DeliveryWork(Guid EndpointId, Guid EventId, int Attempts, Message? Message, Destination? Destination)
{
    public string EventType => Message?.Type ?? "";

    /// <summary>Why the attempt is made: one of <see cref="AttemptTrigger"/>.</summary>
    public string Trigger { get; init; } = AttemptTrigger.Event;

    /// <summary>Attempts since it was started that counted before it last left the queue.</summary>
    public int Tries { get; init; }

    /// <summary>Others about the same subject may wait for it.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>It was let go while its endpoint recovers.</summary>
    public bool IsReleased { get; init; }

    /// <summary>A timestamp of the process from before it was read.</summary>
    public long ReadAt { get; init; }

    /// <summary>Why nothing can be sent; null when it can.</summary>
    public string? WhyNot =>
        Destination is null ? DeliveryReason.EndpointDeleted
        : Destination.IsDisabled ? DeliveryReason.EndpointDisabled
        : Message is null ? DeliveryReason.MessageExpired
        : null;
}

/// <summary>Reads what claimed deliveries need, in one round trip.</summary>
internal static class DeliveryWorkRows
{
    public static async Task<Dictionary<Guid, DeliveryWork>> LoadAsync(
        NotificationsDatabase database, IReadOnlyList<WorkItem> items, TimeProvider clock, CancellationToken cancellationToken)
    {
        var readAt = clock.GetTimestamp();
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // A plan that was made while the tables were small must not scan them once they are large.
                new("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"),
                new("""
                    SELECT d.id, d.endpoint_id, d.event_id, d.attempts, d.tenant_id,
                        m.type, m.occurred_at, m.data, m.traceparent,
                        e.url, e.headers, e.rate_limit, e.disabled_at IS NOT NULL, e.secret, e.previous_secret, e.previous_until,
                        e.signature, e.previous_signature, e.timeout_seconds, e.payload, e.circuit, e.probe_id,
                        m.subject, d.tries, d.subject IS NOT NULL, d.released, d.trigger
                    FROM unnest($1::uuid[], $2::uuid[]) AS w(tenant_id, id)
                    JOIN notifications.delivery d ON d.tenant_id = w.tenant_id AND d.id = w.id
                    LEFT JOIN notifications.message m ON m.tenant_id = d.tenant_id AND m.event_id = d.event_id
                    LEFT JOIN notifications.endpoint e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
                    """)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid[]> { TypedValue = [.. items.Select(i => i.TenantId)] },
                        new NpgsqlParameter<Guid[]> { TypedValue = [.. items.Select(i => i.Id)] },
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var works = new Dictionary<Guid, DeliveryWork>(items.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            works[reader.GetGuid(0)] = new(reader.GetGuid(1), reader.GetGuid(2), reader.GetInt32(3), ReadMessage(reader), ReadDestination(reader))
            {
                Tries = reader.GetInt32(23),
                IsOrdered = reader.GetBoolean(24),
                IsReleased = reader.GetBoolean(25),
                ReadAt = readAt,
                Trigger = reader.GetString(26),
            };
        }

        return works;
    }

    private static Message? ReadMessage(NpgsqlDataReader reader) => reader.IsDBNull(5) ? null : new(
        reader.GetGuid(4), reader.GetGuid(2), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6),
        reader.GetFieldValue<byte[]>(7), reader.IsDBNull(8) ? null : reader.GetString(8))
    {
        Subject = reader.IsDBNull(22) ? null : reader.GetString(22),
    };

    private static Destination? ReadDestination(NpgsqlDataReader reader) => reader.IsDBNull(9) ? null : new(
        reader.GetString(9),
        EndpointRows.Map(reader.GetFieldValue<byte[]>(10)),
        reader.IsDBNull(11) ? null : reader.GetInt32(11),
        reader.GetBoolean(12),
        WebhookSecret.FromColumn(reader.GetFieldValue<byte[]>(13), reader.GetString(16)),
        reader.IsDBNull(14) ? null : WebhookSecret.FromColumn(reader.GetFieldValue<byte[]>(14), reader.GetString(17)),
        reader.IsDBNull(15) ? null : reader.GetFieldValue<DateTimeOffset>(15))
    {
        Timeout = reader.IsDBNull(18) ? null : TimeSpan.FromSeconds(reader.GetInt32(18)),
        IsThin = reader.GetString(19) == EndpointPayload.Thin,
        Gate = new(reader.GetString(20), reader.IsDBNull(21) ? null : reader.GetGuid(21)),
    };
}
