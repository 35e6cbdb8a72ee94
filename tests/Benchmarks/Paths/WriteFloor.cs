using Npgsql;

namespace Platform.Benchmarks.Paths;

/// <summary>
/// What a create costs with the platform taken away: the same three inserts into copies of its tables (indexes included) as one
/// pipelined, prepared transaction.
/// </summary>
internal static class WriteFloor
{
    private const string Tenant = "01960000-0000-7000-8000-000000000001";

    public static string Script { get; } = $"""
        \startpipeline
        BEGIN;
        INSERT INTO floor.idempotency (tenant_id, route, key, fingerprint, status, headers, body) VALUES ('{Tenant}', 'POST /v1/resources', gen_random_uuid()::text, '\x6d4b8f6ac2b2a1f0c9e0d7a86d4b8f6ac2b2a1f0c9e0d7a86d4b8f6ac2b2a1f0', 201, 'application/json', '{Requests.Document}');
        INSERT INTO floor.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by) VALUES ('{Tenant}', uuidv7(), 'order', '{Requests.Data}', '{"{}"}', 1, now(), now(), 'key_01h455vb4pex5vsknk084sn02q');
        INSERT INTO floor.outbox (topic, partition, key, id, headers, payload) VALUES ('events.core', 3, 'res_01h455vb4pex5vsknk084sn02q', uuidv7(), '{Requests.Headers}', '{Requests.Document}');
        COMMIT;
        \endpipeline
        """;

    /// <summary>Makes empty copies of the tables.</summary>
    public static async Task PrepareAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("""
            DROP SCHEMA IF EXISTS floor CASCADE;
            CREATE SCHEMA floor;
            CREATE TABLE floor.idempotency (LIKE core.idempotency INCLUDING ALL);
            CREATE TABLE floor.resource (LIKE core.resource INCLUDING ALL);
            CREATE TABLE floor.outbox (LIKE core.outbox INCLUDING ALL);
            """, connection);
        await command.ExecuteNonQueryAsync();
    }
}
