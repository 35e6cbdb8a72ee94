using System.Buffers;
using System.Text.Json;
using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Analytics.Usage;

/// <summary>
/// <c>GET /v1/analytics/usage</c>: counts by bucket and group. Exact to the minute at both ends: whole hours come from the hourly
/// rows, the ends from minutes. Buckets without events are not listed.
/// </summary>
internal static class GetUsage
{
    public static async Task<IResult> HandleAsync(HttpContext http, AnalyticsDatabase database, TimeProvider clock)
    {
        var (request, problem) = UsageRequest.Read(http.Request.Query, clock.GetUtcNow());
        if (request is null)
        {
            return problem!;
        }

        return JsonAnswer.Ok(Write(request, await SumAsync(database, http.Principal().TenantId, request, http.RequestAborted)));
    }

    internal static Task<List<UsageCount>> SumAsync(
        AnalyticsDatabase database, Guid tenant, UsageRequest request, CancellationToken cancellationToken) =>
        TenantRead.ListAsync(
            database,
            tenant,
            Sum(database.Schema, tenant, request),
            reader => new UsageCount(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetInt64(2)),
            cancellationToken);

    private static NpgsqlBatchCommand Sum(string schema, Guid tenant, UsageRequest request)
    {
        // [from, hoursFrom) and [hoursTo, to) by the minute, [hoursFrom, hoursTo) by the hour.
        var hoursFrom = UsageInterval.Ceiling(request.From, TimeSpan.TicksPerHour);
        var hoursTo = UsageInterval.Floor(request.To, TimeSpan.TicksPerHour);
        if (request.Interval == UsageInterval.Minute || hoursFrom >= hoursTo)
        {
            hoursFrom = hoursTo = request.To;
        }

        return new($"""
            SELECT date_bin($7, bucket, 'epoch'::timestamptz) AS start, value, sum(count)::bigint
            FROM (
                SELECT bucket, value, count FROM {schema}.usage_count
                WHERE tenant_id = $1 AND dimension = $2 AND grain = 'm' AND bucket >= $3 AND bucket < $4
                UNION ALL
                SELECT bucket, value, count FROM {schema}.usage_count
                WHERE tenant_id = $1 AND dimension = $2 AND grain = 'h' AND bucket >= $4 AND bucket < $5
                UNION ALL
                SELECT bucket, value, count FROM {schema}.usage_count
                WHERE tenant_id = $1 AND dimension = $2 AND grain = 'm' AND bucket >= $5 AND bucket < $6
            ) part
            GROUP BY start, value ORDER BY start, value
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<string> { TypedValue = request.Dimension },
                new NpgsqlParameter<DateTime> { TypedValue = request.From.UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = hoursFrom.UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = hoursTo.UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = request.To.UtcDateTime },
                new NpgsqlParameter<TimeSpan> { TypedValue = request.Interval.Width },
            },
        };
    }

    private static ReadOnlyMemory<byte> Write(UsageRequest request, List<UsageCount> counts)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("interval", request.Interval.Name);
        json.WriteString("from", Rfc3339.Format(request.From));
        json.WriteString("to", Rfc3339.Format(request.To));
        json.WriteStartArray("data");
        foreach (var count in counts)
        {
            json.WriteStartObject();
            json.WriteString("start", Rfc3339.Format(count.Start));
            json.WriteString("group", count.Group);
            json.WriteNumber("count", count.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("total", counts.Sum(c => c.Count));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}

/// <summary>How often in one bucket.</summary>
internal sealed record UsageCount(DateTimeOffset Start, string Group, long Count);
