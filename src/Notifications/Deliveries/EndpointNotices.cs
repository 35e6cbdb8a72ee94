using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Notifications.Endpoints;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// Endpoints that have done nothing but fail: their owner is warned at half of the time and told when the whole of it has disabled them; who answered 410
/// was disabled at once, and is told about here. Each once, with the change that it is about.
/// </summary>
internal static class EndpointNotices
{
    public static async Task WriteAsync(NotificationsDatabase database, WebhookOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var messages = await ChangeAsync(connection, options, clock, cancellationToken);
        if (messages.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection, transaction);
        OutboxWriter.AppendMany(batch, database.Schema, messages);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        database.OutboxWritten.Set();
    }

    /// <summary>How long it has failed is between its first failure and its last: silence is no failure.</summary>
    private static async Task<List<OutboxMessage>> ChangeAsync(
        NpgsqlConnection connection, WebhookOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var update = new NpgsqlCommand($"""
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id, disabled_at IS NULL AND $1 > interval '0' AND last_failure_at - failing_since >= $1 AS expired
                FROM notifications.endpoint
                WHERE (failing_since IS NOT NULL OR unannounced)
                    AND (unannounced OR (disabled_at IS NULL AND $1 > interval '0'
                        AND last_failure_at - failing_since >= CASE WHEN warned_at IS NULL THEN $1 / 2 ELSE $1 END))
                LIMIT 100 FOR UPDATE SKIP LOCKED)
            UPDATE notifications.endpoint e SET
                warned_at = CASE WHEN e.unannounced OR d.expired THEN e.warned_at ELSE now() END,
                unannounced = false,
                care_at = CASE WHEN d.expired THEN now() ELSE e.care_at END,
                disabled_at = CASE WHEN d.expired THEN now() ELSE e.disabled_at END,
                disabled_reason = CASE WHEN d.expired THEN '{Disabling.Failing}' ELSE e.disabled_reason END,
                version = CASE WHEN d.expired THEN e.version + 1 ELSE e.version END,
                updated_at = CASE WHEN d.expired THEN greatest(now(), e.updated_at) ELSE e.updated_at END
            FROM due d WHERE e.tenant_id = d.tenant_id AND e.id = d.id
            RETURNING e.tenant_id, e.id, e.disabled_at, e.disabled_reason, e.failing_since, e.consecutive_failures, e.last_success_at, e.last_failure_at
            """, connection)
        {
            Parameters = { new NpgsqlParameter<TimeSpan> { TypedValue = options.DisableAfter } },
        };
        await using var reader = await update.ExecuteReaderAsync(cancellationToken);
        var messages = new List<OutboxMessage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            messages.Add(Read(reader, options, clock));
        }

        return messages;
    }

    private static OutboxMessage Read(NpgsqlDataReader reader, WebhookOptions options, TimeProvider clock)
    {
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        var (tenant, id) = (reader.GetGuid(0), TypeId.Format(IdPrefix.WebhookEndpoint, reader.GetGuid(1)));
        return Time(2) is { } disabledAt
            ? OutboxMessage.Create(NotificationsDatabase.Name, tenant, id, new WebhookEndpointDisabled
            {
                Id = id, Reason = reader.GetString(3), DisabledAt = disabledAt,
                FailingSince = Time(4), ConsecutiveFailures = reader.GetInt32(5), LastSuccessAt = Time(6), LastFailureAt = Time(7),
            }, clock)
            : OutboxMessage.Create(NotificationsDatabase.Name, tenant, id, new WebhookEndpointFailing
            {
                Id = id, DisabledFrom = Time(4)!.Value + options.DisableAfter,
                FailingSince = Time(4), ConsecutiveFailures = reader.GetInt32(5), LastSuccessAt = Time(6), LastFailureAt = Time(7),
            }, clock);
    }
}
