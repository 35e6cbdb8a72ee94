using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;

namespace Platform.Eventing.Tests;

internal sealed class CountJobs : IEventHandler<JobSucceeded>
{
    public async Task HandleAsync(Received<JobSucceeded> received, EventTransaction transaction, CancellationToken cancellationToken)
    {
        await using var count = new NpgsqlCommand("""
            INSERT INTO sample.job_count AS c (tenant_id, type, n) VALUES ($1, $2, 1)
            ON CONFLICT (tenant_id, type) DO UPDATE SET n = c.n + 1
            """, transaction.Connection);
        count.Parameters.Add(new() { Value = received.TenantId });
        count.Parameters.Add(new() { Value = received.Data.Type });
        await count.ExecuteNonQueryAsync(cancellationToken);
    }
}
