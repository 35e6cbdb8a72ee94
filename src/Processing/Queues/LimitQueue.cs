using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Queues;

/// <summary>
/// <c>PATCH /v1/queues/{queue} {concurrency?, rate_limit?: {limit, period}}</c>: 200 and the queue. How much of the queue the caller's organization allows
/// itself; null takes a limit away. What already runs goes on and counts only where it was taken under a limit.
/// </summary>
internal static class LimitQueue
{
    public static async Task<IResult> HandleAsync(
        string queue, HttpContext http, ProcessingDatabase database, QueueNames queues, WorkSignal<ProcessingDatabase> signal)
    {
        if (queues.Find(queue) is not { } share)
        {
            return KnownProblems.NotFound("queue");
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http, "application/merge-patch+json", "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var limits = Read(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (setConcurrency, setRate) = (body.Root.TryGetProperty("concurrency", out _), body.Root.TryGetProperty("rate_limit", out _));
            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                transaction.AfterCommit(signal.Set);
                await using (var change = Change(transaction, queue, limits, setConcurrency, setRate))
                {
                    await change.ExecuteNonQueryAsync(http.RequestAborted);
                }

                return await QueueStatus.AnswerAsync(transaction, share, http.RequestAborted);
            }, http.RequestAborted);
        }
    }

    private static QueueLimits Read(JsonFields fields)
    {
        var concurrency = fields.OptionalInt("concurrency", 1, QueueLimits.MaxConcurrency);
        if (fields.OptionalObject("rate_limit") is not { } rate)
        {
            return new(concurrency, null);
        }

        return new(concurrency, new(Required(rate, "limit", QueueLimits.MaxRate), TimeSpan.FromSeconds(Required(rate, "period", QueueLimits.MaxPeriodSeconds))));
    }

    private static int Required(JsonFields fields, string name, int max)
    {
        if (!fields.Has(name))
        {
            fields.Fault(name, "required", $"'{name}' is required.");
        }

        return fields.OptionalInt(name, 1, max) ?? 1;
    }

    private static NpgsqlBatch Change(WriteTransaction transaction, string queue, QueueLimits limits, bool setConcurrency, bool setRate) => new(transaction.Connection)
    {
        BatchCommands =
        {
            new("""
                INSERT INTO processing.work_limit AS l (tenant_id, queue, concurrency, rate_limit, rate_period) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (tenant_id, queue) DO UPDATE SET
                    concurrency = CASE WHEN $6 THEN EXCLUDED.concurrency ELSE l.concurrency END,
                    rate_limit = CASE WHEN $7 THEN EXCLUDED.rate_limit ELSE l.rate_limit END,
                    rate_period = CASE WHEN $7 THEN EXCLUDED.rate_period ELSE l.rate_period END
                """)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant },
                    new NpgsqlParameter<string> { TypedValue = queue },
                    new() { Value = (object?)limits.Concurrency ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
                    new() { Value = (object?)limits.Rate?.Limit ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
                    new() { Value = (object?)limits.Rate?.Period ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval },
                    new NpgsqlParameter<bool> { TypedValue = setConcurrency },
                    new NpgsqlParameter<bool> { TypedValue = setRate },
                },
            },

            // Who has no limit any more is claimed like everybody else.
            new("DELETE FROM processing.work_limit WHERE tenant_id = $1 AND queue = $2 AND concurrency IS NULL AND rate_limit IS NULL")
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant }, new NpgsqlParameter<string> { TypedValue = queue } },
            },
        },
    };
}
