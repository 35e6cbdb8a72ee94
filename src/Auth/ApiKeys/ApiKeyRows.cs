using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Auth.ApiKeys;

/// <summary>API keys and their rows.</summary>
internal static class ApiKeyRows
{
    public const string Columns =
        "id, name, role, scopes, rate_limit, hint, secret_hash, created_by, created_at, expires_at, revoked_at, version";

    public static NpgsqlBatchCommand Insert(Guid tenant, ApiKey key) =>
        new($"""
            INSERT INTO auth.api_key (tenant_id, {Columns}, published_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $10)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = key.Id },
                new NpgsqlParameter<string> { TypedValue = key.Name },
                new NpgsqlParameter<string> { TypedValue = key.Role },
                new NpgsqlParameter<string[]> { TypedValue = key.Scopes },
                new NpgsqlParameter<int?> { TypedValue = key.RateLimit },
                new NpgsqlParameter<string> { TypedValue = key.Hint },
                new NpgsqlParameter<byte[]> { TypedValue = key.SecretHash },
                new NpgsqlParameter<string?> { TypedValue = key.CreatedBy },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = key.CreatedAt },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = key.ExpiresAt },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = key.RevokedAt },
                new NpgsqlParameter<long> { TypedValue = key.Version },
            },
        };

    /// <summary>Stores the end of a key's life and its version.</summary>
    public static NpgsqlBatchCommand Update(Guid tenant, ApiKey key, DateTimeOffset now) =>
        new("UPDATE auth.api_key SET expires_at = $3, revoked_at = $4, version = $5, published_at = $6 WHERE tenant_id = $1 AND id = $2")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = key.Id },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = key.ExpiresAt },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = key.RevokedAt },
                new NpgsqlParameter<long> { TypedValue = key.Version },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
            },
        };

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static ApiKey Read(NpgsqlDataReader reader, int first = 0) =>
        new(reader.GetGuid(first), reader.GetString(first + 1), reader.GetString(first + 2), reader.GetFieldValue<string[]>(first + 3),
            reader.GetFieldValue<int?>(first + 4), reader.GetString(first + 5), reader.GetFieldValue<byte[]>(first + 6),
            reader.IsDBNull(first + 7) ? null : reader.GetString(first + 7), reader.GetFieldValue<DateTimeOffset>(first + 8),
            reader.GetFieldValue<DateTimeOffset?>(first + 9), reader.GetFieldValue<DateTimeOffset?>(first + 10), reader.GetInt64(first + 11));

    /// <summary>The key; null when it is not there or another organization's.</summary>
    public static Task<ApiKey?> FindAsync(AuthDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken) =>
        TenantRead.FindAsync(database, tenant, Find(tenant, id, ""), reader => Read(reader), cancellationToken);

    /// <summary>As it is now, and until the transaction ends nobody revokes it.</summary>
    public static Task<ApiKey?> HoldAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        ReadOneAsync(transaction, [Find(transaction.Tenant, id, "FOR SHARE")], cancellationToken);

    /// <summary>
    /// The key, to change it. The organization's row is locked first: changes of one organization's keys happen one after the
    /// other, so that two cannot each leave the other's as the last owner key.
    /// </summary>
    public static Task<ApiKey?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        ReadOneAsync(
            transaction,
            [
                new("SELECT FROM auth.organization WHERE tenant_id = $1 FOR UPDATE")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = transaction.Tenant } },
                },
                Find(transaction.Tenant, id, "FOR UPDATE"),
            ],
            cancellationToken);

    private static async Task<ApiKey?> ReadOneAsync(WriteTransaction transaction, NpgsqlBatchCommand[] commands, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        for (var i = 1; i < commands.Length; i++)
        {
            await reader.NextResultAsync(cancellationToken);
        }

        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static NpgsqlBatchCommand Find(Guid tenant, Guid id, string locking) =>
        new($"SELECT {Columns} FROM auth.api_key WHERE tenant_id = $1 AND id = $2 {locking}")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };
}
