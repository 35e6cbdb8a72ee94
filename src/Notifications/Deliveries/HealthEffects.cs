using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Endpoints;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// What attempts say about their endpoints, written in the transaction that settles them, so that all processes share it. An endpoint that does well is
/// written to every few seconds only.
/// </summary>
internal static class HealthEffects
{
    private const NpgsqlDbType Array = NpgsqlDbType.Array;

    /// <summary>An endpoint that recovers is given up again after so many failures in a row.</summary>
    private const int Relapse = 3;

    /// <summary>$1 to $8 of both statements: each endpoint once.</summary>
    private const string News = """
        unnest($1::uuid[], $2::uuid[], $3::bool[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::interval[])
            AS r(tenant_id, id, held, failures, succeeded_at, failing_since, failed_at, retry_after)
        """;

    private const string IsNews = """
        (r.held OR r.failures > 0 OR e.consecutive_failures > 0 OR e.circuit <> 'closed'
            OR e.last_success_at IS NULL OR e.last_success_at < now() - interval '5 seconds')
        """;

    /// <summary>The first statements of the transaction on the service's own rows: endpoints are locked before deliveries.</summary>
    /// <param name="held">Those that were not sent because their endpoint fails.</param>
    public static void Write(
        NpgsqlBatch batch, IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> attempted, IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> held,
        WebhookOptions options)
    {
        var news = attempted.Concat(held).GroupBy(f => (f.Item.TenantId, f.Work.EndpointId)).Select(g => NewsOf(g.Key, g)).ToArray();
        if (news.Length == 0)
        {
            return;
        }

        batch.BatchCommands.Add(With($"""
            SELECT FROM {News} JOIN notifications.endpoint e ON e.tenant_id = r.tenant_id AND e.id = r.id WHERE {IsNews}
            ORDER BY e.tenant_id, e.id FOR UPDATE OF e
            """, news));
        if (attempted.Count > 0)
        {
            batch.BatchCommands.Add(Update(news, attempted, options));
        }
    }

    private static NpgsqlBatchCommand Update(EndpointNews[] news, IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> attempted, WebhookOptions options)
    {
        var command = With($"""
            UPDATE notifications.endpoint e SET
                consecutive_failures = n.failures,
                failing_since = CASE WHEN n.failures = 0 THEN NULL WHEN n.succeeded_at IS NOT NULL OR e.failing_since IS NULL THEN n.failing_since ELSE e.failing_since END,
                last_success_at = greatest(e.last_success_at, n.succeeded_at),
                last_failure_at = greatest(e.last_failure_at, n.failed_at),
                warned_at = CASE WHEN n.succeeded_at IS NULL THEN e.warned_at END,
                circuit = n.next,
                drain = CASE WHEN n.next = e.circuit THEN e.drain ELSE 0 END,
                probe_id = CASE WHEN n.next = '{CircuitState.HalfOpen}' THEN e.probe_id END,
                probes = n.probes,
                care_at = CASE WHEN n.next = e.circuit AND NOT n.probed THEN e.care_at
                    WHEN n.next = '{CircuitState.Open}' THEN now() + greatest(n.retry_after,
                        least($12, $11 * power(2, least(n.probes, 30))) * (0.9 + random() * 0.2))
                    ELSE now() END
            FROM (
                SELECT x.*, x.probe_failed AS probed,
                    CASE WHEN x.was = '{CircuitState.Closed}' AND x.failures >= $9 THEN '{CircuitState.Open}'
                        WHEN x.was = '{CircuitState.Recovering}' AND x.failures >= least($9, {Relapse}) THEN '{CircuitState.Open}'
                        WHEN x.was IN ('{CircuitState.Open}', '{CircuitState.HalfOpen}') AND x.succeeded_at IS NOT NULL AND x.failures = 0 THEN '{CircuitState.Recovering}'
                        WHEN x.probe_failed THEN '{CircuitState.Open}'
                        ELSE x.was END AS next,
                    CASE WHEN x.probe_failed THEN x.was_probes + 1 WHEN x.was IN ('{CircuitState.Closed}', '{CircuitState.Recovering}') THEN 0 ELSE x.was_probes END AS probes
                FROM (
                    SELECT r.tenant_id, r.id, r.succeeded_at, r.failing_since, r.failed_at, r.retry_after, e.circuit AS was, e.probes AS was_probes,
                        CASE WHEN r.succeeded_at IS NULL THEN e.consecutive_failures + r.failures ELSE r.failures END AS failures,
                        e.circuit = '{CircuitState.HalfOpen}' AND e.probe_id = ANY ($10) AS probe_failed
                    FROM {News} JOIN notifications.endpoint e ON e.tenant_id = r.tenant_id AND e.id = r.id
                    WHERE {IsNews} AND (r.failures > 0 OR r.succeeded_at IS NOT NULL)) x) n
            WHERE e.tenant_id = n.tenant_id AND e.id = n.id
            """, news);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.CircuitFailures });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. attempted.Where(f => !f.Outcome.Result.Attempt!.Succeeded).Select(f => f.Item.Id)] });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.CircuitPause });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.CircuitLongestPause });
        return command;
    }

    /// <summary>In the order in which the answers came.</summary>
    private static EndpointNews NewsOf((Guid Tenant, Guid Id) endpoint, IEnumerable<FinishedWork<DeliveryWork, DeliveryOutcome>> turns)
    {
        var news = new EndpointNews(endpoint.Tenant, endpoint.Id);
        foreach (var turn in turns.OrderBy(t => t.Outcome.Result.Attempt is { } a ? a.At + a.Duration : DateTimeOffset.MinValue))
        {
            news = turn.Outcome.Result.Attempt switch
            {
                null => news with { Held = true },
                { Succeeded: true } a => news with { Failures = 0, FailingSince = null, SucceededAt = a.At },
                var a => news with
                {
                    Failures = news.Failures + 1,
                    FailingSince = news.FailingSince ?? a.At,
                    FailedAt = a.At,
                    RetryAfter = a.RetryAfter > news.RetryAfter || news.RetryAfter is null ? a.RetryAfter : news.RetryAfter,
                },
            };
        }

        return news;
    }

    private static NpgsqlBatchCommand With(string sql, EndpointNews[] news) => new(sql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid[]> { TypedValue = [.. news.Select(n => n.Tenant)] },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. news.Select(n => n.Id)] },
            new NpgsqlParameter<bool[]> { TypedValue = [.. news.Select(n => n.Held)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. news.Select(n => n.Failures)] },
            Times(news.Select(n => n.SucceededAt)),
            Times(news.Select(n => n.FailingSince)),
            Times(news.Select(n => n.FailedAt)),
            new() { Value = news.Select(n => n.RetryAfter).ToArray(), NpgsqlDbType = Array | NpgsqlDbType.Interval },
        },
    };

    private static NpgsqlParameter Times(IEnumerable<DateTimeOffset?> values) => new() { Value = values.ToArray(), NpgsqlDbType = Array | NpgsqlDbType.TimestampTz };

    /// <summary>What a batch says about one endpoint; failures are those since its last success.</summary>
    private sealed record EndpointNews(Guid Tenant, Guid Id)
    {
        public bool Held { get; init; }
        public int Failures { get; init; }
        public DateTimeOffset? SucceededAt { get; init; }
        public DateTimeOffset? FailingSince { get; init; }
        public DateTimeOffset? FailedAt { get; init; }
        public TimeSpan? RetryAfter { get; init; }
    }
}
