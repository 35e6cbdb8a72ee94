using Npgsql;
using NpgsqlTypes;

namespace Platform.Notifications.Sending;

/// <summary>An attempt for the log.</summary>
/// <param name="Number">1 for a delivery's first, over all redeliveries.</param>
/// <param name="Trigger">One of <see cref="AttemptTrigger"/>.</param>
internal sealed record LoggedAttempt(Guid TenantId, Guid DeliveryId, int Number, string Url, string Trigger, AttemptResult Result);

/// <summary>Writes the attempt log.</summary>
internal static class AttemptRows
{
    private const NpgsqlDbType Array = NpgsqlDbType.Array;

    /// <summary>One statement for all of them.</summary>
    public static NpgsqlBatchCommand Insert(IReadOnlyList<LoggedAttempt> attempts) => new("""
        INSERT INTO notifications.attempt (tenant_id, delivery_id, number, at, url, address, duration_ms, status, error, detail,
            response_headers, response_body, request_headers, trigger, dns_ms, connect_ms, tls_ms, first_byte_ms, connection_reused)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[], $5::text[], $6::text[], $7::float8[], $8::int[],
            $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[], $14::text[], $15::float8[], $16::float8[], $17::float8[], $18::float8[],
            $19::boolean[])
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid[]> { TypedValue = [.. attempts.Select(a => a.TenantId)] },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. attempts.Select(a => a.DeliveryId)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. attempts.Select(a => a.Number)] },
            new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. attempts.Select(a => a.Result.At)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. attempts.Select(a => a.Url)] },
            Texts(attempts.Select(a => a.Result.Address)),
            new NpgsqlParameter<double[]> { TypedValue = [.. attempts.Select(a => Math.Round(a.Result.Duration.TotalMilliseconds, 3))] },
            new() { Value = attempts.Select(a => a.Result.Status).ToArray(), NpgsqlDbType = Array | NpgsqlDbType.Integer },
            Texts(attempts.Select(a => a.Result.Error)),
            Texts(attempts.Select(a => a.Result.Detail?.Replace('\0', ' '))),
            Texts(attempts.Select(a => a.Result.ResponseHeaders)),
            new() { Value = attempts.Select(a => a.Result.ResponseBody.ToArray()).ToArray(), NpgsqlDbType = Array | NpgsqlDbType.Bytea },
            Texts(attempts.Select(a => a.Result.RequestHeaders)),
            Texts(attempts.Select(a => (string?)a.Trigger)),
            Milliseconds(attempts.Select(a => a.Result.Timing?.Dns)),
            Milliseconds(attempts.Select(a => a.Result.Timing?.Connect)),
            Milliseconds(attempts.Select(a => a.Result.Timing?.Tls)),
            Milliseconds(attempts.Select(a => a.Result.Timing?.FirstByte)),
            new() { Value = attempts.Select(a => a.Result.Timing?.IsReused).ToArray(), NpgsqlDbType = Array | NpgsqlDbType.Boolean },
        },
    };

    private static NpgsqlParameter Texts(IEnumerable<string?> values) => new() { Value = values.ToArray(), NpgsqlDbType = Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Milliseconds(IEnumerable<TimeSpan?> values) => new()
    {
        Value = values.Select(v => v is { } time ? Math.Round(time.TotalMilliseconds, 3) : (double?)null).ToArray(),
        NpgsqlDbType = Array | NpgsqlDbType.Double,
    };
}
