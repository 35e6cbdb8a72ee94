using System.Text.Json;
using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Queues;

/// <summary>A queue as one tenant sees it.</summary>
/// <param name="Depth">Jobs that wait for a worker.</param>
/// <param name="Scheduled">Jobs that wait for their time, those between two attempts included.</param>
/// <param name="Lag">Seconds for which the oldest job has been waiting for a worker; 0 when none is.</param>
/// <param name="Rate">Jobs that ended per second, over the last minute.</param>
/// <param name="Own">What the tenant allows itself.</param>
/// <param name="Given">What the configuration allows each tenant; of both the lower holds.</param>
internal sealed record QueueStatus(
    string Name, long Depth, long Scheduled, long Running, double Lag, double Rate, bool IsPaused, QueueLimits Own, QueueLimits Given)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteNumber("depth", Depth);
        json.WriteNumber("scheduled", Scheduled);
        json.WriteNumber("running", Running);
        json.WriteNumber("lag", Math.Round(Lag, 3));
        json.WriteNumber("rate", Math.Round(Rate, 3));
        json.WriteBoolean("paused", IsPaused);
        Own.WriteTo(json);
        json.WriteStartObject("limits");
        Given.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The statement for one tenant, queues in their order.</summary>
    public static NpgsqlBatchCommand Select(Guid tenant, IReadOnlyList<WorkQueueShare> queues) => new("""
        SELECT q.name, coalesce(w.depth, 0), coalesce(w.scheduled, 0), coalesce(w.running, 0), coalesce(w.lag, 0),
            coalesce(r.finished, 0) / 60.0::float8, p.queue IS NOT NULL,
            l.concurrency, l.rate_limit, l.rate_period
        FROM unnest($2::text[]) WITH ORDINALITY AS q(name, ord)
        LEFT JOIN (
            SELECT queue, count(*) FILTER (WHERE state = 1) AS depth, count(*) FILTER (WHERE state = 0) AS scheduled,
                count(*) FILTER (WHERE state = 2) AS running,
                extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 1))::float8 AS lag
            FROM processing.work_item WHERE tenant_id = $1 AND queue = ANY($2) GROUP BY queue) w ON w.queue = q.name
        LEFT JOIN (
            SELECT queue, sum(finished) AS finished FROM processing.queue_rate
            WHERE tenant_id = $1 AND slice > floor(extract(epoch FROM now()) / 10)::bigint - 6 GROUP BY queue) r ON r.queue = q.name
        LEFT JOIN processing.work_pause p ON p.tenant_id = $1 AND p.queue = q.name
        LEFT JOIN processing.work_limit l ON l.tenant_id = $1 AND l.queue = q.name
        ORDER BY q.ord
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = tenant },
            new NpgsqlParameter<string[]> { TypedValue = [.. queues.Select(q => q.Name)] },
        },
    };

    /// <summary>What <see cref="Select"/> brings, for the same queues.</summary>
    public static async Task<List<QueueStatus>> ReadAsync(NpgsqlDataReader reader, IReadOnlyList<WorkQueueShare> queues, CancellationToken cancellationToken)
    {
        int? Number(int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

        var read = new List<QueueStatus>();
        while (await reader.ReadAsync(cancellationToken))
        {
            read.Add(new(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), Math.Max(0, reader.GetDouble(4)), reader.GetDouble(5),
                reader.GetBoolean(6), new(Number(7), Number(8) is { } limit ? new(limit, reader.GetTimeSpan(9)) : null), QueueLimits.Of(queues[read.Count].TenantLimits)));
        }

        return read;
    }

    /// <summary>The queue as it is by the end of a transaction that changed it: 200.</summary>
    public static async Task<JsonAnswer> AnswerAsync(WriteTransaction transaction, WorkQueueShare queue, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { Select(transaction.Tenant, [queue]) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var status = (await ReadAsync(reader, [queue], cancellationToken)).Single();
        return JsonAnswer.Ok(JsonBytes.Write(status.WriteTo));
    }
}
