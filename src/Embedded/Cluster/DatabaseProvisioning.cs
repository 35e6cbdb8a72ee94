using Npgsql;

namespace Platform.Embedded.Cluster;

/// <summary>
/// The role and the database of the platform. The role is no superuser, so row-level security holds for it. Every step can be
/// repeated: a first start that was interrupted is carried on by the next.
/// </summary>
internal static class DatabaseProvisioning
{
    public static async Task RunAsync(string adminConnectionString, ClusterSecrets secrets, CancellationToken ct)
    {
        await using (var admin = await OpenAsync(adminConnectionString, "postgres", ct))
        {
            if (!await ExistsAsync(admin, "select exists (select from pg_roles where rolname = 'platform')", ct))
            {
                await ExecuteAsync(admin, "create role platform login createdb nosuperuser", ct);
            }

            await ExecuteAsync(admin, $"alter role platform password '{secrets.PlatformPassword}'", ct);
            if (!await ExistsAsync(admin, "select exists (select from pg_database where datname = 'platform')", ct))
            {
                await ExecuteAsync(admin, "create database platform owner platform", ct);
            }
        }

        await using var platform = await OpenAsync(adminConnectionString, "platform", ct);
        // Search by trigram, and GIN over plain columns together with jsonb.
        await ExecuteAsync(platform, "create extension if not exists pg_trgm; create extension if not exists btree_gin", ct);

        // Row-level security lets an index be used only by operators that are marked so: full text search would otherwise compare every
        // document of a tenant. Matching a tsvector tells nothing about a row but whether it matches.
        await ExecuteAsync(platform, "alter function pg_catalog.ts_match_vq(tsvector, tsquery) leakproof", ct);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, string database, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Database = database, Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string query, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
