using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Queues;

/// <summary><c>GET /v1/queues</c>: every queue with what the caller's organization has in it.</summary>
internal static class ListQueues
{
    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database, QueueNames names)
    {
        var tenant = http.Principal().TenantId;
        await using var connection = await database.Requests.OpenConnectionAsync(http.RequestAborted);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), QueueStatus.Select(tenant, names.Shares) } };
        await using var reader = await batch.ExecuteReaderAsync(http.RequestAborted);
        await reader.NextResultAsync(http.RequestAborted);
        var queues = await QueueStatus.ReadAsync(reader, names.Shares, http.RequestAborted);
        return FieldSelection.List(queues, queues.Count, (queue, json) => queue.WriteTo(json), queue => queue.Name);
    }
}
