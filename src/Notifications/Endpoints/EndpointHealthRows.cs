using Npgsql;
using Platform.Notifications.Deliveries;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Notifications.Endpoints;

/// <summary>Writes the health of endpoints; its rules are in <see cref="Deliveries.EndpointCare"/> and <see cref="Deliveries.HealthEffects"/>.</summary>
internal static class EndpointHealthRows
{
    /// <summary>As new, but for when it last succeeded and failed; what had to wait is let go step by step.</summary>
    public static async Task<EndpointHealth> ResetAsync(WriteTransaction transaction, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        await using var command = transaction.Command($"""
            UPDATE notifications.endpoint SET consecutive_failures = 0, failing_since = NULL, warned_at = NULL, unannounced = false,
                probe_id = NULL, probes = 0, drain = 0, care_at = now(),
                circuit = CASE WHEN EXISTS (SELECT FROM notifications.delivery d WHERE d.tenant_id = $1 AND d.endpoint_id = $2
                    AND d.state = '{DeliveryState.Pending}' AND d.reason = '{DeliveryReason.CircuitOpen}')
                    THEN '{CircuitState.Recovering}' ELSE '{CircuitState.Closed}' END
            WHERE tenant_id = $1 AND id = $2
            RETURNING circuit, failing_since, consecutive_failures, last_success_at, last_failure_at
            """, transaction.Tenant, endpoint.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return EndpointHealth.Read(reader, 0);
    }
}
