using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;

namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>The table <c>known_key</c> of this service's schema.</summary>
internal sealed class KeyStore(ServiceDatabase database)
{
    /// <summary>Those of the keys that are known, by id, in one statement.</summary>
    public async Task<Dictionary<Guid, KnownKey>> FindAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand($"""
            SELECT key_id, tenant_id, hash, role, scopes, rate_limit, expires_at, revoked_at IS NOT NULL
            FROM {database.Schema}.known_key WHERE key_id = ANY($1)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Guid, KnownKey>(ids.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(0);
            var scopes = reader.GetFieldValue<string[]>(4).ToHashSet(StringComparer.Ordinal);
            var principal = new Principal(reader.GetGuid(1), id, reader.GetString(3), scopes)
            {
                RateLimit = await reader.GetFieldValueAsync<int?>(5, cancellationToken),
            };
            found[id] = new(principal, reader.GetFieldValue<byte[]>(2), await reader.GetFieldValueAsync<DateTimeOffset?>(6, cancellationToken), reader.GetBoolean(7));
        }

        return found;
    }

    /// <summary>Takes a change over, unless what is here is as new: the stream may say things twice and say them again later.</summary>
    public NpgsqlBatchCommand Upsert(Guid tenant, Guid id, ApiKeyChanged key) =>
        new($"""
            INSERT INTO {database.Schema}.known_key AS k (tenant_id, key_id, hash, role, scopes, rate_limit, expires_at, revoked_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (key_id) DO UPDATE SET
                hash = excluded.hash, role = excluded.role, scopes = excluded.scopes, rate_limit = excluded.rate_limit,
                expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, version = excluded.version
            WHERE k.version < excluded.version AND k.tenant_id = excluded.tenant_id
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<byte[]> { TypedValue = Convert.FromBase64String(key.SecretHash) },
                new NpgsqlParameter<string> { TypedValue = key.Role },
                new NpgsqlParameter<string[]> { TypedValue = [.. key.Scopes] },
                new NpgsqlParameter<int?> { TypedValue = key.RateLimit },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = key.ExpiresAt?.ToUniversalTime() },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = key.RevokedAt?.ToUniversalTime() },
                new NpgsqlParameter<long> { TypedValue = key.Version },
            },
        };
}

/// <summary>Keeps this service's copy of the keys up to date.</summary>
internal sealed class KeyProjection(KeyStore store, KeyDirectory directory) : IEventHandler
{
    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        await using var upserts = new NpgsqlBatch(batch.Connection);
        var changed = new List<Guid>(batch.Events.Count);
        foreach (var received in batch.Events)
        {
            var key = received.Read<ApiKeyChanged>();
            var id = TypeId.Parse(IdPrefix.ApiKey, key.Id);
            upserts.BatchCommands.Add(store.Upsert(received.TenantId, id, key));
            changed.Add(id);
        }

        await upserts.ExecuteNonQueryAsync(cancellationToken);
        batch.AfterCommit(() => directory.Forget(changed));
    }
}
