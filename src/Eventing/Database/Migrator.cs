using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>
/// Applies numbered SQL files, each in one transaction with its record. Instances that start at once wait for each other
/// on an advisory lock. A file that was applied and has changed since is an error: the database would not be what the files say.
/// </summary>
public static class Migrator
{
    /// <exception cref="MigrationException">An applied file changed, a file is older than what was applied, or a file fails.</exception>
    public static async Task ApplyAsync(
        NpgsqlDataSource source, string schema, IReadOnlyList<MigrationSet> sets, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock(hashtextextended('platform.migrate.{schema}', 0))", cancellationToken);
        try
        {
            await ExecuteAsync(connection, $"""
                CREATE SCHEMA IF NOT EXISTS {schema};
                CREATE TABLE IF NOT EXISTS {schema}.migration (
                    component text NOT NULL, number int NOT NULL, name text NOT NULL, checksum text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (component, number));
                """, cancellationToken);
            var applied = await ReadAppliedAsync(connection, schema, cancellationToken);
            foreach (var set in sets)
            {
                await ApplySetAsync(connection, schema, set, applied, cancellationToken);
            }
        }
        finally
        {
            // A session that broke has given the lock up, and another error must not hide the first.
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock(hashtextextended('platform.migrate.{schema}', 0))", CancellationToken.None);
            }
        }
    }

    private static async Task ApplySetAsync(
        NpgsqlConnection connection, string schema, MigrationSet set,
        Dictionary<(string, int), (string Name, string Checksum)> applied, CancellationToken cancellationToken)
    {
        var newest = applied.Keys.Where(k => k.Item1 == set.Component).Select(k => k.Item2).DefaultIfEmpty(0).Max();
        foreach (var file in set.Files)
        {
            if (applied.TryGetValue((set.Component, file.Number), out var known))
            {
                if (known.Checksum != file.Checksum)
                {
                    throw new MigrationException(
                        $"Migration {set.Component}/{file.Name} has changed since it was applied to schema '{schema}': restore it and add a new file.");
                }

                continue;
            }

            if (file.Number < newest)
            {
                throw new MigrationException(
                    $"Migration {set.Component}/{file.Name} is older than number {newest}, which schema '{schema}' already has: give it a new number.");
            }

            await ApplyFileAsync(connection, schema, set.Component, file, cancellationToken);
        }
    }

    private static async Task ApplyFileAsync(
        NpgsqlConnection connection, string schema, string component, Migration file, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, file.Sql.Replace("{schema}", schema, StringComparison.Ordinal), cancellationToken);
        }
        catch (PostgresException e)
        {
            throw new MigrationException($"Migration {component}/{file.Name} failed in schema '{schema}': {e.MessageText}", e);
        }

        await using var record = new NpgsqlCommand(
            $"INSERT INTO {schema}.migration (component, number, name, checksum) VALUES ($1, $2, $3, $4)", connection)
        {
            Parameters = { new() { Value = component }, new() { Value = file.Number }, new() { Value = file.Name }, new() { Value = file.Checksum } },
        };
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<Dictionary<(string, int), (string, string)>> ReadAppliedAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT component, number, name, checksum FROM {schema}.migration", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var applied = new Dictionary<(string, int), (string, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied[(reader.GetString(0), reader.GetInt32(1))] = (reader.GetString(2), reader.GetString(3));
        }

        return applied;
    }

    /// <summary>Without a limit of time: an index on a large table takes as long as it takes, and so does another instance that makes it.</summary>
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
