using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Notifications.Matching;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Notifications.Endpoints;

/// <summary>Reads and writes endpoints.</summary>
internal static class EndpointRows
{
    public const string Columns =
        """
        id, url, event_types, labels, description, rate_limit, headers, disabled_at, disabled_reason, version, created_at, updated_at,
        filter, timeout_seconds, ordering, payload, signature, public_key, circuit, failing_since, consecutive_failures, last_success_at, last_failure_at
        """;

    /// <summary>Null when it is not there or another tenant's.</summary>
    public static Task<WebhookEndpoint?> FindAsync(NotificationsDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken) =>
        TenantRead.FindAsync(
            database,
            tenant,
            new($"SELECT {Columns} FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2")
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
            },
            Read,
            cancellationToken);

    /// <summary>As it is, locked until the transaction ends.</summary>
    public static async Task<WebhookEndpoint?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Command(
            $"SELECT {Columns} FROM notifications.endpoint WHERE tenant_id = $1 AND id = $2 FOR UPDATE", transaction.Tenant, id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public static NpgsqlBatchCommand Insert(Guid tenant, WebhookEndpoint endpoint, WebhookSecret secret) =>
        WithSettings(new("""
            INSERT INTO notifications.endpoint (tenant_id, id, url, event_types, labels, description, rate_limit, headers,
                disabled_at, disabled_reason, version, created_at, updated_at, secret, public_key, filter, timeout_seconds, ordering, payload, signature)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = endpoint.Id },
                new NpgsqlParameter<string> { TypedValue = endpoint.Settings.Url },
                new NpgsqlParameter<string[]> { TypedValue = [.. endpoint.Settings.Filter.EventTypes] },
                Json(endpoint.Settings.Filter.Labels),
                Text(endpoint.Settings.Description),
                Number(endpoint.Settings.RateLimit),
                Json(endpoint.Settings.Headers),
                Time(endpoint.Disabling?.At),
                Text(endpoint.Disabling?.Reason),
                new NpgsqlParameter<long> { TypedValue = endpoint.Version },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = endpoint.CreatedAt },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = endpoint.UpdatedAt },
                new NpgsqlParameter<byte[]> { TypedValue = secret.ToColumn() },
                Text(endpoint.PublicKey),
            },
        }, endpoint.Settings);

    public static NpgsqlBatchCommand Update(Guid tenant, WebhookEndpoint endpoint) =>
        WithSettings(new("""
            UPDATE notifications.endpoint SET url = $3, event_types = $4, labels = $5, description = $6, rate_limit = $7, headers = $8,
                disabled_at = $9, disabled_reason = $10, version = $11, updated_at = $12, public_key = $13, filter = $14, timeout_seconds = $15,
                ordering = $16, payload = $17, signature = $18, care_at = CASE WHEN $9 IS NOT NULL THEN now() ELSE care_at END
            WHERE tenant_id = $1 AND id = $2
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = endpoint.Id },
                new NpgsqlParameter<string> { TypedValue = endpoint.Settings.Url },
                new NpgsqlParameter<string[]> { TypedValue = [.. endpoint.Settings.Filter.EventTypes] },
                Json(endpoint.Settings.Filter.Labels),
                Text(endpoint.Settings.Description),
                Number(endpoint.Settings.RateLimit),
                Json(endpoint.Settings.Headers),
                Time(endpoint.Disabling?.At),
                Text(endpoint.Disabling?.Reason),
                new NpgsqlParameter<long> { TypedValue = endpoint.Version },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = endpoint.UpdatedAt },
                Text(endpoint.PublicKey),
            },
        }, endpoint.Settings);

    /// <summary>A new secret; the one before signs as well until <paramref name="previousUntil"/>. Before <see cref="Update"/>, which says of what kind it is.</summary>
    public static NpgsqlBatchCommand ChangeSecret(Guid tenant, Guid id, WebhookSecret secret, DateTimeOffset previousUntil) =>
        new("""
            UPDATE notifications.endpoint SET previous_secret = secret, previous_signature = signature, previous_until = $4,
                secret = $3, signature = $5, public_key = $6
            WHERE tenant_id = $1 AND id = $2
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<byte[]> { TypedValue = secret.ToColumn() },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = previousUntil },
                new NpgsqlParameter<string> { TypedValue = secret.Scheme },
                Text(secret.ToPublicText()),
            },
        };

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static WebhookEndpoint Read(NpgsqlDataReader reader)
    {
        var disabling = reader.IsDBNull(7) ? null : new Disabling(reader.GetFieldValue<DateTimeOffset>(7), reader.GetString(8));
        return new(
            reader.GetGuid(0),
            new(
                reader.GetString(1),
                new EndpointFilter(reader.GetFieldValue<string[]>(2), Map(reader.GetFieldValue<byte[]>(3))).WithStored(reader.IsDBNull(12) ? null : reader.GetString(12)),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetInt32(5),
                Map(reader.GetFieldValue<byte[]>(6)),
                Disabled: disabling is not null)
            {
                TimeoutSeconds = reader.IsDBNull(13) ? null : reader.GetInt32(13),
                Ordering = reader.GetString(14),
                Payload = reader.GetString(15),
                Signature = reader.GetString(16),
            },
            disabling,
            reader.GetInt64(9), reader.GetFieldValue<DateTimeOffset>(10), reader.GetFieldValue<DateTimeOffset>(11))
        {
            PublicKey = reader.IsDBNull(17) ? null : reader.GetString(17),
            Health = EndpointHealth.Read(reader, 18),
        };
    }

    /// <summary>A flat map out of a jsonb column.</summary>
    public static IReadOnlyDictionary<string, string> Map(byte[] json) =>
        json.Length <= 2 ? EmptyMap : JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;

    private static readonly Dictionary<string, string> EmptyMap = [];

    /// <summary>The parameters that end both statements.</summary>
    private static NpgsqlBatchCommand WithSettings(NpgsqlBatchCommand command, EndpointSettings settings)
    {
        command.Parameters.AddRange(new NpgsqlParameter[]
        {
            new() { Value = (object?)settings.Filter.ConditionJson ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json },
            Number(settings.TimeoutSeconds),
            new NpgsqlParameter<string> { TypedValue = settings.Ordering },
            new NpgsqlParameter<string> { TypedValue = settings.Payload },
            new NpgsqlParameter<string> { TypedValue = settings.Signature },
        });
        return command;
    }

    private static NpgsqlParameter Json(IReadOnlyDictionary<string, string> map) =>
        new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(map), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(int? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };

    private static NpgsqlParameter Time(DateTimeOffset? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
