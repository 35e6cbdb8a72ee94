using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>The statements on the idempotency table, which every service's schema has.</summary>
internal static class IdempotencyStore
{
    private const string Constraint = "idempotency_pkey";

    /// <summary>Claims the key, with the answer where it is known already. Fails when it is taken, and waits while its owner runs.</summary>
    public static NpgsqlBatchCommand Claim(string schema, WriteRequest write, JsonAnswer? answer) =>
        new($"INSERT INTO {schema}.idempotency (tenant_id, route, key, fingerprint, status, headers, body) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = write.Tenant },
                new NpgsqlParameter<string> { TypedValue = write.Route },
                new NpgsqlParameter<string> { TypedValue = write.Key! },
                new NpgsqlParameter<byte[]> { TypedValue = write.Fingerprint },
                new NpgsqlParameter<short> { TypedValue = (short)(answer?.Status ?? 0) },
                new NpgsqlParameter<string> { TypedValue = answer is null ? "" : WriteHeaders(answer) },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = answer?.Body ?? ReadOnlyMemory<byte>.Empty },
            },
        };

    /// <summary>Stores the answer of a claim made earlier in the same transaction.</summary>
    public static NpgsqlBatchCommand Complete(string schema, WriteRequest write, JsonAnswer answer) =>
        new($"UPDATE {schema}.idempotency SET status = $4, headers = $5, body = $6 WHERE tenant_id = $1 AND route = $2 AND key = $3")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = write.Tenant },
                new NpgsqlParameter<string> { TypedValue = write.Route },
                new NpgsqlParameter<string> { TypedValue = write.Key! },
                new NpgsqlParameter<short> { TypedValue = (short)answer.Status },
                new NpgsqlParameter<string> { TypedValue = WriteHeaders(answer) },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = answer.Body },
            },
        };

    public static bool IsClaimed(PostgresException e) => e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == Constraint;

    /// <summary>The claim itself, and no other statement of the transaction, waited too long for its lock: a twin is running.</summary>
    public static bool IsHeld(PostgresException e, NpgsqlBatchCommand? claim) =>
        e.SqlState == PostgresErrorCodes.LockNotAvailable && claim is not null && ReferenceEquals(e.BatchCommand, claim);

    /// <summary>
    /// The stored answer for the same request, the refusal for another one; null when the key is free (again). A record past its
    /// 24 hours is removed on the way.
    /// </summary>
    public static async Task<IResult?> FindAsync(ServiceDatabase database, WriteRequest write, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(write.Tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            DELETE FROM {database.Schema}.idempotency
            WHERE tenant_id = $1 AND route = $2 AND key = $3 AND created_at < now() - interval '24 hours'
            """) { Parameters = { new() { Value = write.Tenant }, new() { Value = write.Route }, new() { Value = write.Key } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            SELECT fingerprint, status, headers, body FROM {database.Schema}.idempotency
            WHERE tenant_id = $1 AND route = $2 AND key = $3
            """) { Parameters = { new() { Value = write.Tenant }, new() { Value = write.Route }, new() { Value = write.Key } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(write.Fingerprint))
        {
            return KnownProblems.IdempotencyKeyReused();
        }

        var status = reader.GetInt16(1);
        return ReadHeaders(reader.GetString(2)) with
        {
            Status = status == StatusCodes.Status201Created ? StatusCodes.Status200OK : status,
            Body = reader.GetFieldValue<byte[]>(3),
            Replayed = true,
        };
    }

    /// <summary>Content type, location and entity tag, a line each: what an answer of ours can carry.</summary>
    private static string WriteHeaders(JsonAnswer answer) => $"{answer.ContentType}\n{answer.Location}\n{answer.EntityTag}";

    private static JsonAnswer ReadHeaders(string headers)
    {
        var lines = headers.Split('\n');
        return new(0, default)
        {
            ContentType = lines[0],
            Location = lines[1].Length == 0 ? null : lines[1],
            EntityTag = lines[2].Length == 0 ? null : lines[2],
        };
    }
}
